import { EngineError } from '../../../guest/protocol/errors.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { MemoryKeyValueStore } from './memory-key-value-store.ts'

/** Bytes that a store in memory may have: a tab must stay small. */
const MAX_MEMORY = 256 << 20
/** No key of the store; what matters is whether the question is answered. */
const PROBE = 'probe'

export interface OpenedStore {
  store: KeyValueStore
  /** Whether other tabs of the site have it too; where they have not, the browser may refuse its locks as well. */
  shared: boolean
}

/**
 * Opens the browser's store.
 * @param mayForget whether memory will do where the browser allows no storage, as for frames of other sites in private windows
 * @throws EngineError `unavailable` where nothing can be stored and memory will not do
 */
export async function openStore(open: () => KeyValueStore, mayForget: boolean): Promise<OpenedStore> {
  if (!mayForget) return { store: open(), shared: true }
  try {
    const store = open()
    await store.get(PROBE)
    return { store, shared: true }
  } catch (thrown) {
    if (EngineError.from(thrown).code !== 'unavailable') throw thrown
    return { store: new MemoryKeyValueStore(MAX_MEMORY), shared: false }
  }
}
