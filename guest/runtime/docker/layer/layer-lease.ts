/**
 * While a container exists, the content store keeps the layers of its image and of mounted images: neither `rmi -f` nor
 * a prune takes them away. The lease has the container's id, or is one that a removed container has left. It is asked for
 * as soon as the id is known and awaited where the layers are first needed, so that creating a container does not wait for
 * the page; the store takes calls in order.
 */
import type { Digest } from '../../../protocol/api/content.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { removeMountedTree } from './remove-mounted-tree.ts'

type LeaseContext = Pick<EngineContext, 'content' | 'spareLease'>

/** Layers of the container's own image and of those that are mounted in it. */
function neededLayers({ record: { layers, imageMounts = {} } }: Container): Digest[] {
  return [...new Set([...layers, ...Object.values(imageMounts).flat()])]
}

/** Resolves when the store holds the layers; asks again after a failure. Leasing twice does no harm. */
export function holdLayers(context: LeaseContext, container: Container): Promise<void> {
  const layers = neededLayers(container)
  if (layers.length === 0) return Promise.resolve()
  if (container.leased !== undefined) return container.leased
  const spare = context.spareLease.take(layers.join())
  container.leaseId = spare ?? container.id
  const leased = spare === undefined ? context.content.lease(container.id, layers) : Promise.resolve()
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

/** Releases the lease, of a container that was never there. */
export async function releaseLayers(context: LeaseContext, container: Container): Promise<void> {
  await whenLeased(container)
  await release(context, container)
}

/** Gives the lease up: for the next container of the same layers, or for good. */
export async function passLayersOn(context: LeaseContext, container: Container): Promise<void> {
  const { leaseId } = container
  const isHeld = await whenLeased(container)
  if (isHeld && leaseId !== undefined) {
    const kept = await context.spareLease.keep(leaseId, neededLayers(container).join())
    if (kept) return void (container.leaseId = undefined)
  }
  await release(context, container)
}

/** A lease that is still under way would be made after its release. Resolves with whether it is held for certain. */
async function whenLeased(container: Container): Promise<boolean> {
  const { leased } = container
  container.leased = undefined
  if (leased === undefined) return false
  return leased.then(
    () => true,
    () => false,
  )
}

async function release({ content, spareLease }: LeaseContext, container: Container): Promise<void> {
  const { id, leaseId } = container
  if (leaseId === id) await content.release(id)
  else if (leaseId !== undefined) await spareLease.releaseOf(leaseId)
  container.leaseId = undefined
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
