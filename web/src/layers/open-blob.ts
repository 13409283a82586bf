import type { Digest } from '../../../guest/protocol/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Content } from './content-service.ts'

/**
 * A blob from wherever it is: the store, an uncompressed layer (whose digest is its diffId), or the site's images.
 * Rejects with EngineError `not-found`.
 */
export async function openBlob(
  { store, catalogue }: Content,
  digest: Digest,
): Promise<{ size: number; mediaType?: string; bytes: AsyncIterable<Uint8Array> }> {
  const blob = await store.blobs.get(digest)
  if (blob !== undefined)
    return { size: blob.run.size, mediaType: blob.mediaType, bytes: store.blobs.read(digest) }
  const layer = await store.layers.get(digest)
  if (layer !== undefined) return { size: layer.run.size, bytes: store.layers.readTar(digest) }
  const bundled = await catalogue.findBlob(digest)
  if (bundled === undefined)
    throw new EngineError('not-found', `blob ${digest} is not in the store`, { digest })
  const { bytes } = await catalogue.blob(bundled.reference, bundled.descriptor, 0)
  return { size: bundled.descriptor.size, mediaType: bundled.descriptor.mediaType, bytes }
}
