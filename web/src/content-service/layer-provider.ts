import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Content } from './content-service.ts'
import { shortId } from '../storage/digest.ts'
import {
  type ImageReference,
  familiarReference,
  parseDockerReference,
} from '../../../guest/vocabulary/image-reference.ts'
import { inheritDirectories } from '../content/inherit-directories.ts'
import { MACHINE_PLATFORM } from '../content/manifest.ts'
import type { LayerProvider } from '../trees/root-tree.ts'

/** A restored guest may go on using a layer that this store never had; a week is longer than any such guest lives. */
const RESTORED_LIFETIME = 7 * 24 * 60 * 60 * 1000

/** Serves the store's layers to the 9P root; fetches a bundled layer that the store lacks when it is looked up. */
export function createLayerProvider({ store, catalogue, puller }: Content): LayerProvider {
  return {
    async open(hex) {
      const diffId = `sha256:${hex}` as const
      const tree = await store.layers.open(diffId)
      if (tree !== undefined) return tree
      const place = await catalogue.findLayer(diffId)
      if (place === undefined) return undefined
      const { reference, below, layer } = place
      const diffIds = [...below, layer].map((each) => each.diffId)
      await store.lease(`restored-${hex}`, diffIds, RESTORED_LIFETIME)
      const request = { reference, source: catalogue, onProgress: () => undefined }
      // The guest mounts the layers below too, and directories of this one may inherit from them.
      await Promise.all([...below, layer].map((each) => puller.layers.ensure({ ...request, layer: each })))
      await inheritDirectories(store.layers, diffIds)
      return store.layers.open(diffId)
    },
    async list() {
      return (await store.layers.list()).map((diffId) => diffId.slice('sha256:'.length))
    },
  }
}

/**
 * Brings bundled images into the store without listing them, for use with the network off.
 *
 * @param pace awaited before each piece of a layer
 * @param signal gives up what is not here yet
 */
export async function prefetchImages(
  { catalogue, puller }: Pick<Content, 'catalogue' | 'puller'>,
  references: readonly string[] | undefined,
  onProgress: (loaded: number, total: number) => void,
  pace: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const names = references ?? (await catalogue.distinct()).map(({ reference }) => reference)
  const wanted = names.map(parseDockerReference)
  const sizes = await layerSizes(catalogue, wanted)
  const loaded = new Map<string, number>()
  const report = (): void => onProgress(sum(loaded.values()), sum(sizes.values()))
  report()
  for (const reference of wanted) {
    signal?.throwIfAborted()
    await puller.prefetch({
      ...{ reference, source: catalogue, signal, platform: MACHINE_PLATFORM },
      pace: () => unlessAborted(pace(), signal),
      onProgress: ({ id, status, current }) => {
        if (id === undefined || !sizes.has(id)) return
        if (status === 'Already exists' || status === 'Pull complete') loaded.set(id, sizes.get(id)!)
        else if (status === 'Downloading') loaded.set(id, current!)
        else return
        report()
      },
    })
  }
}

/** Compressed bytes by short layer id; layers that images share count once. */
async function layerSizes(
  catalogue: Catalogue,
  references: readonly ImageReference[],
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  for (const reference of references) {
    const image = await catalogue.find(reference)
    if (image === undefined)
      throw new EngineError(
        'not-found',
        `${familiarReference(reference)} is not among the images of this site`,
      )
    for (const { digest, size } of (await catalogue.describe(image)).layers) sizes.set(shortId(digest), size)
  }
  return sizes
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
