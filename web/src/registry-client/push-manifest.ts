/**
 * Sends manifests that were assembled outside the store, as `docker manifest push` does: docker/cli
 * internal/registryclient/client.go (PutManifest, MountBlob) and
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-manifests
 */
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import { familiarReference, parseDockerReference } from '../../../guest/vocabulary/image-reference.ts'
import type { Named, RegistryContent } from './registry-content.ts'
import { digestOf, parseDigest } from '../storage/digest.ts'
import { MAX_MANIFEST_SIZE, parseManifest } from '../content/manifest.ts'
import { registryFailure } from './registry-failure.ts'
import type { RegistrySession } from './registry-session.ts'
import { requestMount } from './request-mount.ts'

export interface NamedManifest {
  /** The repository: `ann/app`. */
  path: string
  /** A tag, or the manifest's digest. */
  name: string
  mediaType: string
  bytes: Uint8Array
  signal?: AbortSignal
}

/** Rejects with the registry's EngineError. */
export async function putManifest(
  session: RegistrySession,
  { path, name, mediaType, bytes, signal }: NamedManifest,
): Promise<void> {
  const response = await session.request({
    method: 'PUT',
    url: `/v2/${path}/manifests/${name}`,
    scopes: [`repository:${path}:pull,push`],
    headers: { 'Content-Type': mediaType },
    body: bytes,
    signal,
  })
  if (response.status !== 201) throw await registryFailure(response, session.domain, `the manifest ${name}`)
}

/**
 * Sends what the caller streams up, under the reference's tag, or under its own digest when the reference has no tag.
 */
export async function pushManifest(
  { connect }: RegistryContent,
  request: Named & { mediaType: string },
  stream: ByteStream,
  signal?: AbortSignal,
): Promise<{ digest: Digest }> {
  const reference = parseDockerReference(request.reference)
  const what = `the manifest for ${familiarReference(reference)}`
  const bytes = await received(stream, what)
  parseManifest(bytes, request.mediaType, what)
  const digest = await digestOf(bytes)
  const { path, tag: name = digest } = reference
  await putManifest(connect(reference.domain, request.auth), {
    path,
    name,
    mediaType: request.mediaType,
    bytes,
    signal,
  })
  return { digest }
}

async function received(stream: ByteStream, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for (let part = await stream.read(); part !== null; part = await stream.read()) {
    size += part.length
    if (size > MAX_MANIFEST_SIZE)
      throw new EngineError('too-large', `${what} is larger than ${MAX_MANIFEST_SIZE} bytes`)
    parts.push(part)
  }
  return concatBytes(parts)
}

/** Rejects with the registry's EngineError. A registry that doesn't mount has opened an upload, which this gives up. */
export async function mountBlob(
  { connect }: RegistryContent,
  request: Named & { digest: Digest; from: string },
  signal?: AbortSignal,
): Promise<{ mounted: boolean }> {
  const { domain, path } = parseDockerReference(request.reference)
  const digest = parseDigest(request.digest)
  const from = parseDockerReference(`${domain}/${request.from}`).path
  if (from !== request.from) throw new EngineError('invalid', 'invalid reference format')
  const session = connect(domain, request.auth)
  const response = await requestMount(session, path, digest, from, signal)
  if (response.status === 201) return { mounted: true }
  if (response.status !== 202) throw await registryFailure(response, domain, `the mount of ${digest}`)
  await cancelUpload(session, path, response, signal)
  return { mounted: false }
}

async function cancelUpload(
  session: RegistrySession,
  path: string,
  { headers, url }: Response,
  signal: AbortSignal | undefined,
): Promise<void> {
  const location = headers.get('location')
  if (location === null) return
  // A failure here is ignored: an upload that stays open costs only the registry, and only for a while.
  await session
    .request({
      method: 'DELETE',
      url: new URL(location, url || session.origin).href,
      scopes: [`repository:${path}:pull,push`],
      signal,
    })
    .catch(() => undefined)
}
