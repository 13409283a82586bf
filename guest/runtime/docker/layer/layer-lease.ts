/**
 * While a container exists, the content store keeps the layers of its image and of mounted images: neither `rmi -f` nor
 * a prune takes them away. The lease has the container's id. It is asked for as soon as the id is known and awaited
 * where the layers are first needed, so that creating a container does not wait for the page; the store takes calls in
 * order.
 */
import type { Digest } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { removeMountedTree } from './remove-mounted-tree.ts'

type LeaseContext = Pick<EngineContext, 'content'>

/** Layers of the container's own image and of those that are mounted in it. */
function neededLayers({ record: { layers, imageMounts = {} } }: Container): Digest[] {
  return [...new Set([...layers, ...Object.values(imageMounts).flat()])]
}

/** Resolves when the store holds the layers; asks again after a failure. Leasing twice does no harm. */
export function holdLayers({ content }: LeaseContext, container: Container): Promise<void> {
  const layers = neededLayers(container)
  if (layers.length === 0) return Promise.resolve()
  if (container.leased !== undefined) return container.leased
  const leased = content.lease(container.id, layers)
  container.leased = leased
  leased.catch(() => {
    if (container.leased === leased) container.leased = undefined
  })
  return leased
}

/** Like `holdLayers`, for a caller that does not wait: a failure is reported, and the next start asks again. */
export function beginHoldingLayers(context: EngineContext, container: Container): void {
  holdLayers(context, container).catch((error: unknown) =>
    context.report(`the lease of the layers of container ${container.id}`, error),
  )
}

export async function releaseLayers({ content }: LeaseContext, container: Container): Promise<void> {
  if (neededLayers(container).length === 0) return
  // A lease that is still under way would otherwise be made after its release.
  await container.leased?.catch((error: unknown) => EngineError.from(error))
  container.leased = undefined
  await content.release(container.id)
}

/**
 * Removes, after a start of the engine, what creations and removals left that the last engine did not finish. A
 * container's overlay directory is made before its record and removed before it, so one without a record belongs to
 * nobody.
 */
export async function releaseForgotten(context: EngineContext): Promise<void> {
  const { content, containers, files, paths, report } = context
  if (!(await files.exists(paths.overlay))) return
  for (const id of await files.list(paths.overlay)) {
    if (containers.byId(id) !== undefined) continue
    try {
      await content.release(id)
      // The image may be mounted in it, since volumes are filled from there.
      await removeMountedTree(context, `${paths.overlay}/${id}`)
    } catch (error) {
      report(`what is left of container ${id}`, error)
    }
  }
}
