import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { ContentStore } from '../content/content-store.ts'
import { findStored, type OpenedBlob } from '../content/find-stored.ts'
import type { Catalogue } from './catalogue.ts'

/** Opens a blob of the store, or of the site's images. Rejects with EngineError `not-found`. */
export async function openBlob(
  { store, catalogue }: { store: ContentStore; catalogue: Catalogue },
  digest: Digest,
): Promise<OpenedBlob> {
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
