import type { KeyValueStore } from './key-value-store.ts'

/** Shows the keys of a store that begin with a prefix as a store of its own; its calls touch no other keys. */
export class PrefixedStore implements KeyValueStore {
  private readonly store: KeyValueStore
  private readonly prefix: string

  constructor(store: KeyValueStore, prefix: string) {
    this.store = store
    this.prefix = prefix
  }

  get(key: string): Promise<unknown> {
    return this.store.get(this.prefix + key)
  }

  setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    return this.store.setMany(entries.map(([key, value]) => [this.prefix + key, value] as const))
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    return this.store.deleteMany(keys.map((key) => this.prefix + key))
  }

  async keys(prefix: string): Promise<string[]> {
    const keys = await this.store.keys(this.prefix + prefix)
    return keys.map((key) => key.slice(this.prefix.length))
  }
}
