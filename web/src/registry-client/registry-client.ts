/** Pulls from a registry: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Descriptor } from '../content/blob-store.ts'
import { digestOf, verifyDigest } from '../storage/digest.ts'
import { limitedBody, rangeHeader, rangedBody } from '../catalogue/http-bytes.ts'
import {
  type ImageReference,
  familiarReference,
  familiarRepository,
} from '../../../guest/vocabulary/image-reference.ts'
import type { BlobStream, FetchedManifest, ImageSource } from '../catalogue/image-source.ts'
import { MANIFEST_TYPES, MAX_MANIFEST_SIZE } from '../content/manifest.ts'
import { registryReason } from './registry-failure.ts'
import type { RegistrySession } from './registry-session.ts'

export class RegistryClient implements ImageSource {
  readonly permanent = false
  private readonly session: RegistrySession

  constructor(session: RegistrySession) {
    this.session = session
  }

  async manifest(reference: ImageReference, signal?: AbortSignal): Promise<FetchedManifest> {
    return this.fetchManifest(reference, reference.digest ?? reference.tag!, reference.digest, signal)
  }

  async manifestByDescriptor(
    reference: ImageReference,
    descriptor: Descriptor,
    signal?: AbortSignal,
  ): Promise<FetchedManifest> {
    const manifest = await this.fetchManifest(reference, descriptor.digest, descriptor.digest, signal)
    if (manifest.mediaType !== descriptor.mediaType)
      throw new EngineError(
        'corrupt',
        `${descriptor.digest} was served as ${manifest.mediaType}, the index says ${descriptor.mediaType}`,
      )
    return manifest
  }

  async blob(
    reference: ImageReference,
    { digest }: Descriptor,
    offset: number,
    signal?: AbortSignal,
  ): Promise<BlobStream> {
    const response = await this.request(reference, `blobs/${digest}`, rangeHeader(offset), signal)
    return rangedBody(response, `${familiarRepository(reference)} blob ${digest}`)
  }

  private async fetchManifest(
    reference: ImageReference,
    name: string,
    expected: Digest | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FetchedManifest> {
    const what = familiarReference(reference)
    const accept = { Accept: MANIFEST_TYPES.join(', ') }
    const response = await this.request(reference, `manifests/${name}`, accept, signal)
    const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]!.trim()
    const bytes = await limitedBody(response, MAX_MANIFEST_SIZE, `the manifest of ${what}`)
    // Browsers show this header only to pages that the registry lets see it; without it the digest is computed from the
    // bytes.
    const announced =
      expected ?? (response.headers.get('docker-content-digest') as Digest | null) ?? undefined
    if (announced !== undefined) await verifyDigest(bytes, announced, `the manifest of ${what}`)
    const digest = announced ?? (await digestOf(bytes))
    return { bytes, mediaType, digest, size: bytes.length }
  }

  private async request(
    reference: ImageReference,
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const url = `/v2/${reference.path}/${path}`
    const scopes = [`repository:${reference.path}:pull`]
    try {
      const response = await this.session.request({ url, scopes, headers, signal })
      if (!response.ok) throw await responseError(response, reference, path)
      return response
    } catch (error) {
      throw signal?.aborted === true ? error : this.namingMirror(EngineError.from(error))
    }
  }

  /** Nobody who typed the registry's name knows of the mirror that answered. */
  private namingMirror(error: EngineError): EngineError {
    const { isMirrored, domain, origin } = this.session
    if (!isMirrored) return error
    const where = `${origin} was asked, which is this site’s mirror of ${domain}`
    return new EngineError(error.code, `${error.message} (${where})`, error.details, error)
  }
}

/** Docker's sentences for a registry's refusals. */
async function responseError(
  response: Response,
  reference: ImageReference,
  path: string,
): Promise<EngineError> {
  const { code, message } = await registryReason(response)
  const name = familiarRepository(reference)
  const details = { status: response.status, registry: reference.domain, code }
  if (response.status === 401 || response.status === 403)
    return new EngineError(
      'not-found',
      `pull access denied for ${name}, repository does not exist or may require 'docker login': ${message}`,
      details,
    )
  if (response.status === 404 && path.startsWith('manifests/'))
    return new EngineError(
      'not-found',
      `manifest for ${familiarReference(reference)} not found: ${message}`,
      details,
    )
  if (response.status === 404)
    return new EngineError('not-found', `${name}: ${path} is not in the registry: ${message}`, details)
  if (response.status === 429) return new EngineError('unavailable', `toomanyrequests: ${message}`, details)
  return new EngineError(
    'unavailable',
    `${reference.domain} answered ${response.status} for ${name}: ${message}`,
    details,
  )
}
