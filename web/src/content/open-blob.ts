import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Content } from './content-service.ts'
import type { ContentStore } from './content-store.ts'

export interface OpenedBlob {
  size: number
  /** Unknown of an uncompressed layer. */
  mediaType: string | undefined
  /** From `start` to before `end`, checked as far as it is stored. */
  read(start?: number, end?: number): AsyncIterable<Uint8Array>
}

/** What the store itself has: a blob, or an uncompressed layer, whose digest is its diffId. */
export async function findStored(
  { blobs, layers }: ContentStore,
  digest: Digest,
): Promise<OpenedBlob | undefined> {
  const blob = await blobs.get(digest)
  if (blob !== undefined) {
    const { mediaType, run } = blob
    return { size: run.size, mediaType, read: (start, end) => blobs.read(digest, start, end) }
  }
  const layer = await layers.get(digest)
  if (layer === undefined) return undefined
  const { size } = layer.run
  return { size, mediaType: undefined, read: (start, end) => layers.readTar(digest, start, end) }
}

/** A blob from wherever it is: the store, or the site's images. Rejects with EngineError `not-found`. */
export async function openBlob({ store, catalogue }: Content, digest: Digest): Promise<OpenedBlob> {
  const stored = await findStored(store, digest)
  if (stored !== undefined) return stored
  const bundled = await catalogue.findBlob(digest)
  if (bundled === undefined)
    throw new EngineError('not-found', `blob ${digest} is not in the store`, { digest })
  const { reference, descriptor } = bundled
  return {
    size: descriptor.size,
    mediaType: descriptor.mediaType,
    async *read(start = 0, end = descriptor.size) {
      const stream = await catalogue.blob(reference, descriptor, start)
      let position = stream.start
      for await (const chunk of stream.bytes) {
        const wanted = chunk.subarray(Math.max(0, start - position), Math.max(0, end - position))
        position += chunk.length
        if (wanted.length > 0) yield wanted
        if (position >= end) return
      }
    },
  }
}
