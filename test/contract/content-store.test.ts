import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { BLOCK_SIZE } from '../../web/src/content/block-writer.ts'
import { ContentStore } from '../../web/src/content/content-store.ts'
import { IndexedDbStore } from '../../web/src/storage/indexed-db-store.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { describeContentStore, sha256 } from './content-store.ts'

let databases = 0

describeContentStore('memory', () => new MemoryKeyValueStore())
describeContentStore('IndexedDB', () => new IndexedDbStore(`content-${databases++}`))

it('says clearly when there is no room, and goes on with what was there', async () => {
  const store = new ContentStore(new MemoryKeyValueStore(3 * BLOCK_SIZE), new BlockCache(1 << 20))
  const small = await store.blobs.put('text/plain', Buffer.from('small'))
  const big = new Uint8Array(4 * BLOCK_SIZE)
  const ingest = await store.blobs.ingest({ mediaType: 'text/plain', digest: sha256(big), size: big.length })
  await expect(ingest.write(big)).rejects.toMatchObject({
    code: 'exhausted',
    message: expect.stringContaining('remove some images'),
  })
  await ingest.discard()
  expect(await store.blobs.readAll(small.digest)).toEqual(new Uint8Array(Buffer.from('small')))
})

it('translates the browser’s quota error', async () => {
  const store = new IndexedDbStore('quota')
  const put = IDBObjectStore.prototype.put
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  try {
    await expect(store.setMany([['a', 1]])).rejects.toMatchObject({ code: 'exhausted' })
  } finally {
    IDBObjectStore.prototype.put = put
  }
})
