import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

/** Repositories that are remembered for one blob: the latest ones. */
const MOST = 16

const originKey = (digest: string): string => `origin/${digest}`

/**
 * Remembers in which repositories of registries a blob is: a push to another repository of the same registry can have
 * it mounted from there instead of sending it.
 */
export class OriginStore {
  private readonly store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.store = store
  }

  /** @param repository with its registry's name: `registry.local/ann/app` */
  async add(digests: readonly Digest[], repository: string): Promise<void> {
    const known = await Promise.all(digests.map((digest) => this.of(digest)))
    const entries = digests.map((digest, index): [string, string[]] => {
      const others = known[index]!.filter((other) => other !== repository)
      return [originKey(digest), [repository, ...others].slice(0, MOST)]
    })
    await this.store.setMany(entries)
  }

  /** The repositories of the blob, the latest first. */
  async of(digest: Digest): Promise<string[]> {
    return ((await this.store.get(originKey(digest))) as string[] | undefined) ?? []
  }

  /** Forgets all blobs but these. */
  async retain(kept: ReadonlySet<string>): Promise<void> {
    const keys = await this.store.keys('origin/')
    await this.store.deleteMany(keys.filter((key) => !kept.has(key.slice('origin/'.length))))
  }
}
