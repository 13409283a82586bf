import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { ContentStore } from './content-store.ts'

export interface OpenedBlob {
  size: number
  /** Undefined for an uncompressed layer. */
  mediaType: string | undefined
  /** The bytes from `start` to before `end`, checked block by block. */
  read(start?: number, end?: number): AsyncIterable<Uint8Array>
}

/** Finds the digest in the store: a blob, or an uncompressed layer, whose digest is its diffId. */
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
