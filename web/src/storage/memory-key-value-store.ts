import { EngineError } from '../../../guest/protocol/errors.ts'
import type { KeyValueStore } from './key-value-store.ts'

/** The store of machines without IndexedDB (Node): its content is gone with the process. */
export class MemoryKeyValueStore implements KeyValueStore {
  private readonly values = new Map<string, unknown>()
  private readonly quota: number

  /** @param quota the most bytes of blocks that are kept */
  constructor(quota = Infinity) {
    this.quota = quota
  }

  get(key: string): Promise<unknown> {
    return Promise.resolve(this.values.get(key))
  }

  setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    if (this.quota !== Infinity) {
      const after = new Map([...this.values, ...entries])
      const bytes = [...after.values()].reduce<number>((sum, value) => sum + sizeOf(value), 0)
      if (bytes > this.quota)
        return Promise.reject(
          new EngineError('exhausted', `the store’s ${this.quota} bytes are used up; remove some images`),
        )
    }
    for (const [key, value] of entries) this.values.set(key, value)
    return Promise.resolve()
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.values.delete(key)
    return Promise.resolve()
  }

  keys(prefix: string): Promise<string[]> {
    return Promise.resolve([...this.values.keys()].filter((key) => key.startsWith(prefix)).sort())
  }
}

function sizeOf(value: unknown): number {
  return value instanceof Uint8Array ? value.length : 0
}
