import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

interface Lease {
  digests: Digest[]
  /** Milliseconds since the epoch; without it the lease lasts until released. */
  expires?: number
}

const leaseKey = (id: string): string => `lease/${id}`

/** Claims on content that garbage collection must respect; they survive a reload. */
export class LeaseStore {
  private readonly store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.store = store
  }

  async add(id: string, digests: readonly Digest[], lifetime?: number): Promise<void> {
    const known = (await this.store.get(leaseKey(id))) as Lease | undefined
    const lease: Lease = {
      digests: [...new Set([...(known?.digests ?? []), ...digests])],
      ...(lifetime !== undefined && { expires: Date.now() + lifetime }),
    }
    await this.store.setMany([[leaseKey(id), lease]])
  }

  async remove(id: string): Promise<void> {
    await this.store.deleteMany([leaseKey(id)])
  }

  /** Makes the lease one of all that the others claim at `now`, whatever it claimed before. */
  async addAll(id: string, now: number): Promise<void> {
    const lease: Lease = { digests: [...(await this.digests(now, id))] }
    await this.store.setMany([[leaseKey(id), lease]])
  }

  /** The digests claimed at `now`; removes leases that have run out. */
  async digests(now: number, except?: string): Promise<Set<Digest>> {
    const claimed = new Set<Digest>()
    for (const key of await this.store.keys('lease/')) {
      if (except !== undefined && key === leaseKey(except)) continue
      const lease = (await this.store.get(key)) as Lease
      if (lease.expires !== undefined && lease.expires <= now) await this.store.deleteMany([key])
      else for (const digest of lease.digests) claimed.add(digest)
    }
    return claimed
  }
}
