import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { ContentStore } from '../content/content-store.ts'
import { parseDigest } from '../storage/digest.ts'
import { findStored, type OpenedBlob } from '../content/find-stored.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryRequest } from './registry-messages.ts'
import type { UploadStore } from './upload-store.ts'

/** What the routes need. */
export interface RegistryContext {
  store: ContentStore
  uploads: UploadStore
  /** True for the page's own pushes: they may mount blobs of the content store that no repository has. */
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

/** Finds content that belongs to the repository. */
export async function findBlob(
  { store }: RegistryContext,
  repository: string,
  digest: Digest,
): Promise<OpenedBlob | undefined> {
  return (await store.repositories.hasBlob(repository, digest)) ? findStored(store, digest) : undefined
}
