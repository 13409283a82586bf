import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

/** Of one blob; the last ones count. */
const MOST = 16

const originKey = (digest: string): string => `origin/${digest}`

/**
 * In which repositories of registries a blob is known to be: a push to another repository of the same registry can have
 * it mounted from there instead of sending it.
 */
export class OriginStore {
  private readonly store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.store = store
  }

  /** @param repository with its registry: `registry.local/ann/app` */
  async add(digests: readonly Digest[], repository: string): Promise<void> {
    const known = await Promise.all(digests.map((digest) => this.of(digest)))
    const entries = digests.map((digest, index): [string, string[]] => {
      const others = known[index]!.filter((other) => other !== repository)
      return [originKey(digest), [repository, ...others].slice(0, MOST)]
    })
    await this.store.setMany(entries)
  }

  /** The last known first. */
  async of(digest: Digest): Promise<string[]> {
    return ((await this.store.get(originKey(digest))) as string[] | undefined) ?? []
  }

  /** Forgets what is known of blobs that are gone. */
  async retain(kept: ReadonlySet<string>): Promise<void> {
    const keys = await this.store.keys('origin/')
    await this.store.deleteMany(keys.filter((key) => !kept.has(key.slice('origin/'.length))))
  }
}
