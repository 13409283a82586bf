/**
 * The content store: blobs by digest, unpacked layers by diffId, images, references, the registry's repositories, leases,
 * and the garbage collection that keeps what any of them needs. In the manner of containerd's:
 * https://github.com/containerd/containerd/blob/main/docs/content-flow.md, …/docs/garbage-collection.md
 *
 * Nothing is visible before it is whole and verified; a block that was damaged in storage is refused when read.
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { BlobStore } from './blob-store.ts'
import type { BlockCache } from '../storage/block-cache.ts'
import { Exclusive } from '../storage/exclusive.ts'
import { ImageStore } from './image-store.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { OriginStore } from './origin-store.ts'
import { RepositoryStore } from './repository-store.ts'
import { dropDeadUploads } from './upload-records.ts'
import { LayerStore } from './layer-store.ts'
import { LeaseStore } from './lease-store.ts'
import { liveRuns } from './runs.ts'

export class ContentStore {
  readonly blobs: BlobStore
  readonly layers: LayerStore
  readonly images: ImageStore
  /** The repositories of the page's registry. */
  readonly repositories: RepositoryStore
  readonly origins: OriginStore
  private readonly store: KeyValueStore
  private readonly leases: LeaseStore
  private readonly exclusive = new Exclusive('porthole-content')

  /** @param cache holds unpacked layer blocks; the system trees may share it */
  constructor(store: KeyValueStore, cache: BlockCache) {
    this.store = store
    this.blobs = new BlobStore(store)
    this.layers = new LayerStore(store, cache)
    this.images = new ImageStore(store)
    this.repositories = new RepositoryStore(store)
    this.origins = new OriginStore(store)
    this.leases = new LeaseStore(store)
  }

  /**
   * Keeps blobs and layers (by diffId) from garbage collection, whether they are here yet or not, until `release` or,
   * when given, for `lifetime` milliseconds. A lease of the same id is extended.
   */
  lease(id: string, digests: readonly Digest[], lifetime?: number): Promise<void> {
    return this.exclusive.run(() => this.leases.add(id, digests, lifetime))
  }

  /** Makes the lease `id` one of all that is leased now, so that it outlives the leases that there are. */
  leaseAll(id: string): Promise<void> {
    return this.exclusive.run(() => this.leases.addAll(id, Date.now()))
  }

  release(id: string): Promise<void> {
    return this.exclusive.run(() => this.leases.remove(id))
  }

  /** Runs `change` so that no garbage collection sees it half done; inside it, leases are made on the argument. */
  transaction<T>(change: (leases: LeaseStore) => Promise<T>): Promise<T> {
    return this.exclusive.run(() => change(this.leases))
  }

  /**
   * Deletes what no image, reference, repository or lease needs; returns the digests of the deleted blobs and layers.
   */
  collect(): Promise<Digest[]> {
    return this.exclusive.run(() => this.sweep())
  }

  private async sweep(): Promise<Digest[]> {
    const now = Date.now()
    const kept = await this.reachable(now)
    await this.origins.retain(kept)
    const deleted: Digest[] = []
    const blocks = await this.store.keys('data/')
    const keptRuns = await liveRuns(this.store, now, countBlocks(blocks))
    await dropDeadUploads(this.store, keptRuns)
    for (const digest of await this.blobs.list()) {
      if (kept.has(digest)) keptRuns.add((await this.blobs.get(digest))!.run.key)
      else {
        await this.blobs.delete(digest)
        deleted.push(digest)
      }
    }
    for (const diffId of await this.layers.list()) {
      if (kept.has(diffId)) keptRuns.add((await this.layers.get(diffId))!.run.key)
      else {
        await this.layers.delete(diffId)
        deleted.push(diffId)
      }
    }
    // A writer that died before it wrote its record left these blocks.
    await this.store.deleteMany(blocks.filter((key) => !keptRuns.has(runOf(key))))
    return deleted
  }

  private async reachable(now: number): Promise<Set<Digest>> {
    const digests = await this.leases.digests(now)
    for (const digest of await this.repositories.reachable(now)) digests.add(digest)
    for (const { manifestDigest } of (await this.images.references()).values()) digests.add(manifestDigest)
    for (const { id, manifestDigest, layers } of await this.images.list()) {
      digests.add(id).add(manifestDigest)
      for (const layer of layers) digests.add(layer.digest).add(layer.diffId)
    }
    return digests
  }
}

/** The run that a block belongs to: see `blockKey`. */
const runOf = (key: string): string => key.split('/')[1]!

function countBlocks(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(runOf(key), (counts.get(runOf(key)) ?? 0) + 1)
  return counts
}
