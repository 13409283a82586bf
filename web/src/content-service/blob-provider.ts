import { EngineError } from '../../../guest/protocol/errors.ts'
import { isDigest } from '../../../guest/vocabulary/digest.ts'
import { openBlob } from '../catalogue/open-blob.ts'
import type { BlobProvider } from '../trees/blobs-directory.ts'
import type { Content } from './content-service.ts'

/** Serves blobs of the store, and of the site's images, to the 9P root. */
export function createBlobProvider(content: Content): BlobProvider {
  return {
    async open(name) {
      if (!isDigest(name)) return undefined
      try {
        const { size, read } = await openBlob(content, name)
        return { size, read: (start) => read(start) }
      } catch (error) {
        if (error instanceof EngineError && error.code === 'not-found') return undefined
        throw error
      }
    },
  }
}
