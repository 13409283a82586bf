import { createStore, delMany, get, promisifyRequest, setMany, type UseStore } from 'idb-keyval'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { KeyValueStore } from './key-value-store.ts'

/** The page's store: one IndexedDB database with one object store. */
export class IndexedDbStore implements KeyValueStore {
  private readonly store: UseStore

  /** @throws EngineError `unavailable` where there is no IndexedDB */
  constructor(name: string) {
    if ((globalThis as { indexedDB?: IDBFactory }).indexedDB === undefined)
      throw new EngineError(
        'unavailable',
        'this browser offers no IndexedDB, where images are kept; private windows may switch it off',
      )
    this.store = createStore(name, 'content')
  }

  get(key: string): Promise<unknown> {
    return translate(() => get(key, this.store))
  }

  setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    const owned = entries.map(([key, value]): [string, unknown] => [key, ownBuffer(value)])
    return translate(() => setMany(owned, this.store))
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    return translate(() => delMany([...keys], this.store))
  }

  keys(prefix: string): Promise<string[]> {
    // U+FFFF sorts after every character that a key has.
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
    return translate(() =>
      this.store('readonly', (store) => promisifyRequest(store.getAllKeys(range) as IDBRequest<string[]>)),
    )
  }
}

/** The structured clone of a view stores the whole buffer behind it. */
function ownBuffer(value: unknown): unknown {
  return value instanceof Uint8Array && value.byteLength !== value.buffer.byteLength ? value.slice() : value
}

async function translate<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    const name = error instanceof Error || error instanceof DOMException ? error.name : ''
    if (name === 'QuotaExceededError')
      throw new EngineError(
        'exhausted',
        'the browser’s storage for this site is full; remove some images or free disk space',
        {},
        error,
      )
    const reason = error instanceof Error ? error.message : String(error)
    throw new EngineError('unavailable', `the browser’s storage failed: ${reason}`, {}, error)
  }
}
