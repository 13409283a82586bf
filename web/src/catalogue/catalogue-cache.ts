import type { CatalogueCache } from './catalogue.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

const INDEX_KEY = 'catalogue/index'

/** Keeps the catalogue's documents in the content store, so that prefetched images can be pulled with the network off. */
export function storedCatalogue(store: ContentStore, keyValues: KeyValueStore): CatalogueCache {
  return {
    async blob(digest) {
      return (await store.blobs.get(digest)) === undefined ? undefined : store.blobs.readAll(digest)
    },
    async index(read) {
      let bytes: Uint8Array
      try {
        bytes = await read()
      } catch (error) {
        const last = await keyValues.get(INDEX_KEY)
        if (last instanceof Uint8Array) return last
        throw error
      }
      await keyValues.setMany([[INDEX_KEY, bytes]])
      return bytes
    },
  }
}
