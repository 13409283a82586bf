import 'fake-indexeddb/auto'
import { IndexedDbStore } from '../../web/src/layers/indexed-db-store.ts'
import { MemoryKeyValueStore } from '../../web/src/layers/memory-key-value-store.ts'
import { describeKeyValueStore } from './key-value-store.ts'

let databases = 0

describeKeyValueStore('memory', () => new MemoryKeyValueStore())
describeKeyValueStore('IndexedDB', () => new IndexedDbStore(`key-value-${databases++}`))
