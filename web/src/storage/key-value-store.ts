/**
 * Where the content store keeps its records and blocks. Two implementations pass one suite (test/contract): IndexedDB
 * for the page, memory for Node and tests.
 *
 * Values are plain data or Uint8Arrays, never changed after they are handed over. Rejections are EngineError:
 * `exhausted` when there is no room, `unavailable` when the store can't be used.
 */
export interface KeyValueStore {
  get(key: string): Promise<unknown>
  /** Sets all entries, or none. */
  setMany(entries: readonly (readonly [key: string, value: unknown])[]): Promise<void>
  /** Deletes all keys, or none; missing keys are no error. */
  deleteMany(keys: readonly string[]): Promise<void>
  /** The keys that begin with the prefix, sorted. */
  keys(prefix: string): Promise<string[]>
}
