import type { Digest } from '../../../../guest/protocol/content.ts'
import type { ContentStore } from '../content-store.ts'
import { parseDigest } from '../digest.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryRequest } from './registry-messages.ts'
import type { UploadStore } from './upload-store.ts'

/** What the routes work on. */
export interface RegistryContext {
  store: ContentStore
  uploads: UploadStore
  /** Blobs of the content store may be mounted though no repository has them: the page's own pushes. */
  adopts: boolean
}

export interface RouteRequest extends RegistryRequest {
  /** Empty for the routes that have none. */
  repository: string
  /** The last part of the path: a digest, a tag, an upload. */
  name: string
  query: URLSearchParams
}

/** @throws RegistryError DIGEST_INVALID */
export function requireDigest(text: string | null): Digest {
  try {
    return parseDigest(text)
  } catch {
    throw new RegistryError('DIGEST_INVALID', { digest: text })
  }
}

/** Content of the store: a blob, or an uncompressed layer, whose digest is its diffId. */
export interface StoredContent {
  size: number
  mediaType: string | undefined
  /** From `start` to before `end`, checked. */
  read(start: number, end: number): AsyncIterable<Uint8Array>
}

export async function findStored(store: ContentStore, digest: Digest): Promise<StoredContent | undefined> {
  const blob = await store.blobs.get(digest)
  if (blob !== undefined)
    return {
      size: blob.run.size,
      mediaType: blob.mediaType,
      read: (start, end) => store.blobs.read(digest, start, end),
    }
  const layer = await store.layers.get(digest)
  if (layer === undefined) return undefined
  return {
    size: layer.run.size,
    mediaType: undefined,
    read: (start, end) => store.layers.readTar(digest, start, end),
  }
}

/** Content that belongs to the repository. */
export async function findBlob(
  { store }: RegistryContext,
  repository: string,
  digest: Digest,
): Promise<StoredContent | undefined> {
  return (await store.repositories.hasBlob(repository, digest)) ? findStored(store, digest) : undefined
}
