/**
 * What the registry knows beside the blobs themselves, which are the content store's: per repository the manifests,
 * the tags and which blobs belong to it. Blobs without a manifest are kept for a while, because a push brings them first.
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

export interface StoredManifest {
  mediaType: string
  size: number
  /** The digests that must stay with it: configuration, layers, manifests of an index. */
  references: Digest[]
  subject?: Digest
  /** Shown in the list of referrers. */
  artifactType?: string
  annotations?: Record<string, string>
}

interface BlobLink {
  /** Milliseconds since the epoch of its upload, mount or last check by a pusher. */
  seen: number
}

/** Milliseconds that a push over a slow network may take from its first blob to its manifest. */
const UNREFERENCED_LIFETIME = 60 * 60 * 1000
/** Milliseconds after a check during which another one isn't written down. */
const SEEN_STEP = 60 * 1000

// Repository names hold neither `:` nor `@`.
const tagKey = (repository: string, tag = ''): string => `repository-tag/${repository}:${tag}`
const manifestKey = (repository: string, digest = ''): string => `repository-manifest/${repository}@${digest}`
const blobKey = (repository: string, digest = ''): string => `repository-blob/${repository}@${digest}`

export class RepositoryStore {
  private readonly store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.store = store
  }

  /** Names of the repositories that hold a manifest, in order. */
  async repositories(): Promise<string[]> {
    const keys = await this.store.keys('repository-manifest/')
    return [...new Set(keys.map((key) => split(key, 'repository-manifest/', '@')[0]))].sort()
  }

  async tags(repository: string): Promise<string[]> {
    const prefix = tagKey(repository)
    return (await this.store.keys(prefix)).map((key) => key.slice(prefix.length))
  }

  async tag(repository: string, tag: string): Promise<Digest | undefined> {
    return (await this.store.get(tagKey(repository, tag))) as Digest | undefined
  }

  async deleteTag(repository: string, tag: string): Promise<void> {
    await this.store.deleteMany([tagKey(repository, tag)])
  }

  async manifests(repository: string): Promise<Map<Digest, StoredManifest>> {
    const prefix = manifestKey(repository)
    const keys = await this.store.keys(prefix)
    const records = await Promise.all(keys.map((key) => this.store.get(key)))
    return new Map(
      keys.map((key, index) => [key.slice(prefix.length) as Digest, records[index] as StoredManifest]),
    )
  }

  async manifest(repository: string, digest: Digest): Promise<StoredManifest | undefined> {
    return (await this.store.get(manifestKey(repository, digest))) as StoredManifest | undefined
  }

  /** Adds a manifest and, in the same step, points the tag at it. */
  async putManifest(
    repository: string,
    digest: Digest,
    manifest: StoredManifest,
    tag: string | undefined,
  ): Promise<void> {
    const tagged: [string, unknown][] = tag === undefined ? [] : [[tagKey(repository, tag), digest]]
    await this.store.setMany([[manifestKey(repository, digest), manifest], ...tagged])
  }

  /** Deletes a manifest and the tags that point at it. */
  async deleteManifest(repository: string, digest: Digest): Promise<void> {
    const tags = await this.tags(repository)
    const targets = await Promise.all(tags.map((tag) => this.tag(repository, tag)))
    const dead = tags.filter((_, index) => targets[index] === digest)
    await this.store.deleteMany([
      manifestKey(repository, digest),
      ...dead.map((tag) => tagKey(repository, tag)),
    ])
  }

  /** Tells whether the blob belongs to the repository; a pusher's question keeps it for some more time. */
  async hasBlob(repository: string, digest: Digest): Promise<boolean> {
    const link = (await this.store.get(blobKey(repository, digest))) as BlobLink | undefined
    if (link !== undefined && Date.now() - link.seen > SEEN_STEP) await this.linkBlob(repository, digest)
    return link !== undefined
  }

  async linkBlob(repository: string, digest: Digest): Promise<void> {
    const link: BlobLink = { seen: Date.now() }
    await this.store.setMany([[blobKey(repository, digest), link]])
  }

  async unlinkBlob(repository: string, digest: Digest): Promise<void> {
    await this.store.deleteMany([blobKey(repository, digest)])
  }

  /** One of the repositories that the blob belongs to. */
  async repositoryOf(digest: Digest): Promise<string | undefined> {
    const keys = await this.store.keys('repository-blob/')
    const found = keys.find((key) => key.endsWith(`@${digest}`))
    return found && split(found, 'repository-blob/', '@')[0]
  }

  /** The digests that garbage collection must leave alone; drops blobs that were pushed without a manifest long ago. */
  async reachable(now: number): Promise<Set<Digest>> {
    const kept = new Set<Digest>()
    const named = new Set<string>()
    for (const key of await this.store.keys('repository-manifest/')) {
      const [repository, digest] = split(key, 'repository-manifest/', '@')
      kept.add(digest as Digest)
      for (const reference of ((await this.store.get(key)) as StoredManifest).references) {
        kept.add(reference)
        named.add(blobKey(repository, reference))
      }
    }
    for (const key of await this.store.keys('repository-blob/')) {
      const { seen } = (await this.store.get(key)) as BlobLink
      if (named.has(key) || now - seen < UNREFERENCED_LIFETIME) {
        kept.add(split(key, 'repository-blob/', '@')[1] as Digest)
      } else await this.store.deleteMany([key])
    }
    return kept
  }
}

function split(key: string, prefix: string, separator: string): [repository: string, rest: string] {
  const at = key.indexOf(separator)
  return [key.slice(prefix.length, at), key.slice(at + 1)]
}
