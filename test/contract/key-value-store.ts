/** What every KeyValueStore must do; each implementation runs it (key-value-store.test.ts). */
import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyValueStore } from '../../web/src/storage/key-value-store.ts'

export function describeKeyValueStore(name: string, open: () => KeyValueStore): void {
  describe(`${name} as a key-value store`, () => {
    let store: KeyValueStore

    beforeEach(() => {
      store = open()
    })

    it('gives back what was set, bytes and plain data, and undefined for the rest', async () => {
      await store.setMany([
        ['a', { size: 3, list: ['x'] }],
        ['b', Uint8Array.from([1, 2, 3])],
      ])
      expect(await store.get('a')).toEqual({ size: 3, list: ['x'] })
      expect(await store.get('b')).toEqual(Uint8Array.from([1, 2, 3]))
      expect(await store.get('c')).toBeUndefined()
    })

    it('stores a view’s own bytes, not the buffer behind it', async () => {
      await store.setMany([['view', new Uint8Array(1000).fill(7).subarray(10, 20)]])
      expect(await store.get('view')).toEqual(new Uint8Array(10).fill(7))
    })

    it('lists the keys of a prefix in order, and no others', async () => {
      await store.setMany(['data/a/2', 'data/a/1', 'data/b/1', 'date', 'data/a'].map((key) => [key, 1]))
      expect(await store.keys('data/a/')).toEqual(['data/a/1', 'data/a/2'])
      expect(await store.keys('data/')).toEqual(['data/a', 'data/a/1', 'data/a/2', 'data/b/1'])
      expect(await store.keys('none')).toEqual([])
    })

    it('deletes many at once, missing ones without complaint', async () => {
      await store.setMany(['a', 'b', 'c'].map((key) => [key, 1]))
      await store.deleteMany(['a', 'c', 'missing'])
      expect(await store.keys('')).toEqual(['b'])
      await store.deleteMany([])
      expect(await store.keys('')).toEqual(['b'])
    })
  })
}
