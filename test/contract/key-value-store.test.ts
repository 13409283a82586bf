import 'fake-indexeddb/auto'
import { IndexedDbStore } from '../../web/src/storage/indexed-db-store.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { PrefixedStore } from '../../web/src/storage/prefixed-store.ts'
import { describeKeyValueStore } from './key-value-store.ts'

let databases = 0

describeKeyValueStore('memory', () => new MemoryKeyValueStore())
describeKeyValueStore('IndexedDB', () => new IndexedDbStore(`key-value-${databases++}`))
describeKeyValueStore('part of another', () => {
  const whole = new MemoryKeyValueStore()
  // Neighbours, which the part must not see or touch.
  void whole.setMany(['a', 'part', 'parts/data/a/9'].map((key) => [key, 'neighbour'] as const))
  return new PrefixedStore(whole, 'part/')
})
