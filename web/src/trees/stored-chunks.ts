import type { ChunkStore } from './chunked-tree.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

const PREFIX = 'chunk/'

/** Keeps chunks of the system trees in the store of the images, so that the site works with the network off. */
export class StoredChunks implements ChunkStore {
  private readonly store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.store = store
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const bytes = await this.store.get(PREFIX + name)
    return bytes instanceof Uint8Array ? bytes : undefined
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return this.store.setMany([[PREFIX + name, bytes]])
  }

  async names(): Promise<string[]> {
    return (await this.store.keys(PREFIX)).map((key) => key.slice(PREFIX.length))
  }

  /** Drops the chunks of earlier versions of the site. */
  async prune(current: ReadonlySet<string>): Promise<void> {
    const old = (await this.names()).filter((name) => !current.has(name))
    await this.store.deleteMany(old.map((name) => PREFIX + name))
  }
}
