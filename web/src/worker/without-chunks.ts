import type { KeyValueStore } from '../storage/key-value-store.ts'

/** A store that forgets chunks of the system trees at once, for a page that has them in memory already. */
export class WithoutChunks implements KeyValueStore {
  readonly #store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  get(key: string): Promise<unknown> {
    return this.#store.get(key)
  }

  setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    const others = entries.filter(([key]) => !key.startsWith('chunk/'))
    return others.length === 0 ? Promise.resolve() : this.#store.setMany(others)
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    return this.#store.deleteMany(keys)
  }

  keys(prefix: string): Promise<string[]> {
    return this.#store.keys(prefix)
  }
}
