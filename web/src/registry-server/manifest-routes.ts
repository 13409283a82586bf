/** end-3, end-7, end-9, end-12: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-manifests */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import { digestAlgorithm, digestOf } from '../storage/digest.ts'
import { MAX_MANIFEST_SIZE, MEDIA_TYPES } from '../content/manifest.ts'
import { readManifest, type ParsedManifest } from './manifest-document.ts'
import { findBlob, requireDigest, type RegistryContext, type RouteRequest } from './registry-context.ts'
import { RegistryError } from './registry-error.ts'
import { answer, answerJson, type RegistryResponse } from './registry-messages.ts'

const TAG = /^\w[\w.-]{0,127}$/

export async function getManifest(
  context: RegistryContext,
  request: RouteRequest,
): Promise<RegistryResponse> {
  const { repository, name, headers } = request
  const digest = await resolve(context, repository, name)
  const manifest = digest && (await context.store.repositories.manifest(repository, digest))
  if (digest === undefined || manifest === undefined)
    throw new RegistryError('MANIFEST_UNKNOWN', { name: repository, reference: name })
  const described = {
    'content-type': manifest.mediaType,
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  }
  if (headers['if-none-match'] === `"${digest}"`) return answer(304, described)
  return answer(200, described, await context.store.blobs.readAll(digest))
}

/** Undefined for an unknown tag. */
async function resolve(
  { store }: RegistryContext,
  repository: string,
  name: string,
): Promise<Digest | undefined> {
  if (name.includes(':')) return requireDigest(name)
  return TAG.test(name) ? store.repositories.tag(repository, name) : undefined
}

export async function putManifest(
  context: RegistryContext,
  request: RouteRequest,
): Promise<RegistryResponse> {
  const { repository, name, headers } = request
  const { store } = context
  const byDigest = name.includes(':') ? requireDigest(name) : undefined
  if (byDigest === undefined && !TAG.test(name)) throw new RegistryError('TAG_INVALID', { tag: name })
  const bytes = await readLimited(request.body)
  const mediaType = (headers['content-type'] ?? '').split(';')[0]!.trim()
  const parsed = readManifest(bytes, mediaType)
  const digest = await digestOf(bytes, byDigest && digestAlgorithm(byDigest))
  if (byDigest !== undefined && digest !== byDigest) throw new RegistryError('DIGEST_INVALID', { digest })
  await store.transaction(async () => {
    await requireReferences(context, repository, parsed)
    if ((await store.blobs.get(digest)) === undefined) await store.blobs.put(mediaType, bytes, digest)
    await store.repositories.putManifest(
      repository,
      digest,
      parsed.record,
      byDigest === undefined ? name : undefined,
    )
  })
  const { subject } = parsed.record
  return answer(201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject !== undefined && { 'oci-subject': subject }),
  })
}

async function readLimited(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > MAX_MANIFEST_SIZE) {
      const detail = `a manifest has at most ${MAX_MANIFEST_SIZE} bytes`
      throw new RegistryError('MANIFEST_INVALID', detail, { status: 413 })
    }
    parts.push(part)
  }
  return concatBytes(parts)
}

/** Requires that what a manifest names is here, and as large as it says: otherwise nobody could pull it. */
async function requireReferences(
  context: RegistryContext,
  repository: string,
  { blobs, manifests }: ParsedManifest,
): Promise<void> {
  for (const { digest, size } of blobs) {
    const blob = await findBlob(context, repository, digest)
    if (blob === undefined) throw new RegistryError('MANIFEST_BLOB_UNKNOWN', { digest })
    if (blob.size !== size) throw new RegistryError('SIZE_INVALID', { digest, size: blob.size })
  }
  for (const { digest, size } of manifests) {
    const manifest = await context.store.repositories.manifest(repository, digest)
    if (manifest === undefined) throw new RegistryError('MANIFEST_BLOB_UNKNOWN', { digest })
    if (manifest.size !== size) throw new RegistryError('SIZE_INVALID', { digest, size: manifest.size })
  }
}

/** Deletes a manifest by its digest, with its tags, or a tag alone. */
export async function deleteManifest(
  context: RegistryContext,
  { repository, name }: RouteRequest,
): Promise<RegistryResponse> {
  const { repositories } = context.store
  const digest = await resolve(context, repository, name)
  if (digest === undefined || (await repositories.manifest(repository, digest)) === undefined)
    throw new RegistryError('MANIFEST_UNKNOWN', { name: repository, reference: name })
  if (name.includes(':')) await repositories.deleteManifest(repository, digest)
  else await repositories.deleteTag(repository, name)
  return answer(202)
}

/**
 * Lists the manifests whose subject is the digest; the list is empty when there are none, even when the subject isn't
 * here.
 */
export async function listReferrers(
  { store }: RegistryContext,
  { repository, name, query }: RouteRequest,
): Promise<RegistryResponse> {
  const subject = requireDigest(name)
  const wanted = query.get('artifactType')
  const manifests = [...(await store.repositories.manifests(repository))]
    .filter(([, manifest]) => manifest.subject === subject)
    .filter(([, { artifactType }]) => wanted === null || artifactType === wanted)
    .map(([digest, { mediaType, size, artifactType, annotations }]) => ({
      mediaType,
      digest,
      size,
      ...(artifactType !== undefined && { artifactType }),
      ...(annotations !== undefined && { annotations }),
    }))
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }
  return answerJson(200, index, {
    'content-type': MEDIA_TYPES.ociIndex,
    ...(wanted !== null && { 'oci-filters-applied': 'artifactType' }),
  })
}
