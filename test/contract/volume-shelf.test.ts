import 'fake-indexeddb/auto'
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { BLOCK_SIZE } from '../../web/src/content/block-writer.ts'
import { ContentStore } from '../../web/src/content/content-store.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { IndexedDbStore } from '../../web/src/storage/indexed-db-store.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { PrefixedStore } from '../../web/src/storage/prefixed-store.ts'
import { VolumeShelf } from '../../web/src/volumes/volume-shelf.ts'
import { contentOf, describeVolumeShelf, pieces, volume } from './volume-shelf.ts'

let databases = 0
const part = (store: MemoryKeyValueStore) => new PrefixedStore(store, 'volumes/')

describeVolumeShelf('memory', () => part(new MemoryKeyValueStore()))
describeVolumeShelf(
  'IndexedDB',
  () => new PrefixedStore(new IndexedDbStore(`shelf-${databases++}`), 'volumes/'),
)

it('says that there is no room, keeps what it had, and saves again once there is', async () => {
  const store = new MemoryKeyValueStore(4 * BLOCK_SIZE)
  const shelf = new VolumeShelf(part(store))
  const old = randomBytes(2 * BLOCK_SIZE)
  await shelf.save(volume('data'), pieces(old))
  await shelf.save(volume('other'), pieces(randomBytes(BLOCK_SIZE)))
  const next = randomBytes(2 * BLOCK_SIZE)
  await expect(shelf.save(volume('data'), pieces(next))).rejects.toMatchObject({ code: 'exhausted' })
  expect((await contentOf(shelf, 'data')).equals(old)).toBe(true)
  await shelf.remove('other')
  await shelf.save(volume('data'), pieces(next))
  expect((await contentOf(shelf, 'data')).equals(next)).toBe(true)
})

it('is left alone by the garbage collection of the images beside it', async () => {
  const store = new MemoryKeyValueStore()
  const shelf = new VolumeShelf(part(store))
  const bytes = randomBytes(BLOCK_SIZE)
  await shelf.save(volume('data'), pieces(bytes))
  await new ContentStore(store, new BlockCache(1 << 20)).collect()
  expect((await contentOf(shelf, 'data')).equals(bytes)).toBe(true)
})
