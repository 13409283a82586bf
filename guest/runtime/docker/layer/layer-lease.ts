/**
 * While a container exists, the content store keeps the layers it is made of and mounts: neither `rmi -f` nor a prune takes them away.
 * The lease has the container's id. It is asked for as soon as the id is known and awaited where the layers are first needed,
 * so that creating a container waits for no answer of the page; the store takes calls in order.
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

/** Resolves when the store holds the layers; asked again after a failure. Leasing twice is leasing once. */
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

/** As `holdLayers`, for a caller that does not wait: whoever starts the container is told of a failure. */
export function beginHoldingLayers(context: EngineContext, container: Container): void {
  holdLayers(context, container).catch((error: unknown) =>
    context.report(`the lease of the layers of container ${container.id}`, error),
  )
}

export async function releaseLayers({ content }: LeaseContext, container: Container): Promise<void> {
  if (neededLayers(container).length === 0) return
  // A lease that is still being made would outlive its container.
  await container.leased?.catch((error: unknown) => EngineError.from(error))
  container.leased = undefined
  await content.release(container.id)
}

/**
 * After a start of the engine: what a creation or a removal left that the last engine did not finish. A container's overlay
 * directory is made before its record and removed before it, so one without a record belongs to nobody.
 */
export async function releaseForgotten(context: EngineContext): Promise<void> {
  const { content, containers, files, paths, report } = context
  if (!(await files.exists(paths.overlay))) return
  for (const id of await files.list(paths.overlay)) {
    if (containers.byId(id) !== undefined) continue
    try {
      await content.release(id)
      // Its volumes may just have been filled from the image, which was mounted there for that.
      await removeMountedTree(context, `${paths.overlay}/${id}`)
    } catch (error) {
      report(`what is left of container ${id}`, error)
    }
  }
}
