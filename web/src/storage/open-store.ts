import { EngineError } from '../../../guest/protocol/errors.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { MemoryKeyValueStore } from './memory-key-value-store.ts'

/** Bytes that a store in memory may have: a tab must stay small. */
const MAX_MEMORY = 256 << 20
/** No key of the store; what matters is whether the question is answered. */
const PROBE = 'probe'

/**
 * Opens the browser's store.
 * @param mayForget whether memory will do where the browser allows no storage, as for frames of other sites in private windows
 * @throws EngineError `unavailable` where nothing can be stored and memory will not do
 */
export async function openStore(open: () => KeyValueStore, mayForget: boolean): Promise<KeyValueStore> {
  if (!mayForget) return open()
  try {
    const store = open()
    await store.get(PROBE)
    return store
  } catch (thrown) {
    if (EngineError.from(thrown).code !== 'unavailable') throw thrown
    return new MemoryKeyValueStore(MAX_MEMORY)
  }
}
