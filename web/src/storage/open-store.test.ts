import { expect, test } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { MemoryKeyValueStore } from './memory-key-value-store.ts'
import { openStore } from './open-store.ts'

/** A store whose every question fails. */
function failing(code: 'unavailable' | 'internal') {
  const store = new MemoryKeyValueStore()
  store.get = () => Promise.reject(new EngineError(code, 'permission denied'))
  return store
}

test('a store that answers is taken', async () => {
  const store = new MemoryKeyValueStore()
  expect(await openStore(() => store, true)).toEqual({ store, shared: true })
})

test('where the browser forbids it, memory does for who may forget', async () => {
  const store = failing('unavailable')
  const opened = await openStore(() => store, true)
  expect(opened.shared).toBe(false)
  await opened.store.setMany([['key', 1]])
  expect(await opened.store.get('key')).toBe(1)
  const missing = () => {
    throw new EngineError('unavailable', 'no IndexedDB')
  }
  expect((await openStore(missing, true)).store).toBeInstanceOf(MemoryKeyValueStore)
  await expect(openStore(missing, false)).rejects.toThrow('no IndexedDB')
})

test('who must not forget gets the store as it is, and a fault of ours is no such case', async () => {
  const store = failing('unavailable')
  expect((await openStore(() => store, false)).store).toBe(store)
  await expect(openStore(() => failing('internal'), true)).rejects.toThrow('permission denied')
})
