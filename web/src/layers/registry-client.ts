/**
 * Pulls from a remote registry: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 *
 * The page's fetch does the work, so the registry must allow other origins (CORS); redirects are followed by fetch,
 * which drops the Authorization header on the way to another origin.
 */
import type { Digest } from '../../../guest/protocol/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Descriptor } from './blob-store.ts'
import { digestOf, verifyDigest } from './digest.ts'
import { limitedBody, rangeHeader, rangedBody, type Fetch } from './http-bytes.ts'
import { familiarName, familiarReference, type ImageReference } from './image-reference.ts'
import type { BlobStream, FetchedManifest, ImageSource } from './image-source.ts'
import { MANIFEST_TYPES, MAX_MANIFEST_SIZE } from './manifest.ts'
import { answerChallenge, type Credentials } from './registry-auth.ts'

export interface RegistryOptions {
  credentials?: Credentials
  fetch?: Fetch
}

export class RegistryClient implements ImageSource {
  readonly permanent = false
  private readonly fetch: Fetch
  private readonly credentials: Credentials | undefined
  /** Authorization header by repository. */
  private readonly authorizations = new Map<string, string>()

  constructor(options: RegistryOptions = {}) {
    this.fetch = options.fetch ?? ((input, init) => fetch(input, init))
    this.credentials = options.credentials
  }

  async manifest(reference: ImageReference): Promise<FetchedManifest> {
    return this.fetchManifest(reference, reference.digest ?? reference.tag!, reference.digest)
  }

  async manifestByDescriptor(reference: ImageReference, descriptor: Descriptor): Promise<FetchedManifest> {
    const manifest = await this.fetchManifest(reference, descriptor.digest, descriptor.digest)
    if (manifest.mediaType !== descriptor.mediaType)
      throw new EngineError(
        'corrupt',
        `${descriptor.digest} was served as ${manifest.mediaType}, the index says ${descriptor.mediaType}`,
      )
    return manifest
  }

  async blob(reference: ImageReference, { digest }: Descriptor, offset: number): Promise<BlobStream> {
    const response = await this.request(reference, `blobs/${digest}`, rangeHeader(offset))
    return rangedBody(response, `${familiarName(reference)} blob ${digest}`)
  }

  private async fetchManifest(
    reference: ImageReference,
    name: string,
    expected?: Digest,
  ): Promise<FetchedManifest> {
    const what = familiarReference(reference)
    const response = await this.request(reference, `manifests/${name}`, { Accept: MANIFEST_TYPES.join(', ') })
    const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]!.trim()
    const bytes = await limitedBody(response, MAX_MANIFEST_SIZE, `the manifest of ${what}`)
    // Browsers show this header only to pages that the registry lets see it; without it the bytes name themselves.
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
  ): Promise<Response> {
    const { path: repository } = reference
    const url = `${registryOrigin(reference.domain)}/v2/${repository}/${path}`
    let response = await this.send(reference, url, headers)
    if (response.status === 401) {
      const challenge = response.headers.get('www-authenticate') ?? ''
      const scope = `repository:${repository}:pull`
      const answer = await answerChallenge(challenge, scope, this.credentials, (input, init) =>
        this.reach(String(input), init),
      )
      this.authorizations.set(repository, answer)
      response = await this.send(reference, url, headers)
    }
    if (!response.ok) throw await responseError(response, reference, path)
    return response
  }

  private send(reference: ImageReference, url: string, headers: Record<string, string>): Promise<Response> {
    const authorization = this.authorizations.get(reference.path)
    return this.reach(url, {
      headers: { ...headers, ...(authorization !== undefined && { Authorization: authorization }) },
    })
  }

  private async reach(url: string, init?: RequestInit): Promise<Response> {
    try {
      return await this.fetch(url, init)
    } catch (error) {
      throw await this.unreachable(new URL(url).origin, error)
    }
  }

  /** fetch says no more than "failed"; an opaque request, which needs no permission, tells a closed door from none. */
  private async unreachable(origin: string, cause: unknown): Promise<EngineError> {
    const answers = await this.fetch(`${origin}/v2/`, { mode: 'no-cors' }).then(
      () => true,
      () => false,
    )
    const why = answers
      ? `${origin} answers, but does not let web pages of other sites read it (CORS: it sends no Access-Control-Allow-Origin header). Use a registry that allows this page, or load the image from a file.`
      : `${origin} can't be reached; check the name and the network.`
    return new EngineError('unavailable', why, { origin, cors: answers }, cause)
  }
}

/** Docker Hub's registry has another name than its images; Docker, too, speaks plain HTTP to this machine only. */
function registryOrigin(domain: string): string {
  if (domain === 'docker.io') return 'https://registry-1.docker.io'
  const host = domain.replace(/:\d+$/, '')
  const local = host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
  return `${local ? 'http' : 'https'}://${domain}`
}

/** Docker's sentences for a registry's refusals. */
async function responseError(
  response: Response,
  reference: ImageReference,
  path: string,
): Promise<EngineError> {
  const { code, message } = await registryError(response)
  const name = familiarName(reference)
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

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
async function registryError(response: Response): Promise<{ code: string; message: string }> {
  const text = await response.text().catch(() => '')
  try {
    const { errors } = JSON.parse(text) as { errors: { code: string; message: string }[] }
    const { code, message } = errors[0]!
    return { code, message: `${code.toLowerCase().replaceAll('_', ' ')}: ${message}` }
  } catch {
    return { code: '', message: response.statusText || 'the registry gives no reason' }
  }
}
