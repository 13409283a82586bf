/**
 * Sends one blob to a registry: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs A
 * small blob goes in one request, a larger one in chunks, so that a broken connection costs one chunk and memory holds
 * no more than one.
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import { registryFailure } from './registry-failure.ts'
import type { RegistrySession } from './registry-session.ts'
import { requestMount } from './request-mount.ts'

export interface BlobSource {
  digest: Digest
  size: number
  /** Yields the bytes from `start` on. */
  read(start: number): AsyncIterable<Uint8Array>
}

export interface PushBlobOptions {
  session: RegistrySession
  /** The repository's name: `ann/app`. */
  repository: string
  blob: BlobSource
  /** Other repositories of the registry that are known to have the blob. */
  sources: readonly string[]
  onProgress(sent: number): void
  /** Called before another try; resolves when it is time for it. */
  onRetry(seconds: number): Promise<void>
  signal?: AbortSignal
}

export type PushedBlob = { how: 'exists' } | { how: 'mounted'; from: string } | { how: 'sent' }

const CHUNK = 8 * 2 ** 20
/** The number of tries, each after a longer wait, as in Docker. */
const TRIES = 5
const WAIT_STEP = 5

/** Rejects with the registry's EngineError; broken connections are tried again. */
export async function pushBlob(options: PushBlobOptions): Promise<PushedBlob> {
  if (await blobExists(options)) return { how: 'exists' }
  const opened = await openUpload(options)
  if (opened.how !== 'upload') return opened
  let upload = opened.location === undefined ? undefined : new BlobUpload(options, opened.location)
  for (let attempt = 1; ; attempt++) {
    try {
      const resume = attempt > 1 && upload !== undefined
      upload ??= new BlobUpload(options, await startUpload(options))
      await upload.run(resume)
      return { how: 'sent' }
    } catch (error) {
      const { code, details } = EngineError.from(error)
      if (options.signal?.aborted === true || code !== 'unavailable' || attempt === TRIES) throw error
      // A registry that does not allow the page (CORS) won't do so at the next try.
      if (details['cors'] === true) throw error
      if (details['lost'] === true) upload = undefined
      await options.onRetry(attempt * WAIT_STEP)
    }
  }
}

const scopesOf = ({ repository }: PushBlobOptions): string[] => [`repository:${repository}:pull,push`]

async function blobExists(options: PushBlobOptions): Promise<boolean> {
  const { session, repository, blob, signal } = options
  const url = `/v2/${repository}/blobs/${blob.digest}`
  const response = await session.request({ method: 'HEAD', url, scopes: scopesOf(options), signal })
  if (response.ok) return true
  if (response.status === 404) return false
  throw await registryFailure(response, session.domain, `the question for blob ${blob.digest}`)
}

type Opened = { how: 'mounted'; from: string } | { how: 'sent' } | { how: 'upload'; location?: string }

/** Mounts the blob from another repository; a registry that doesn't do so opens an upload instead. */
async function openUpload(options: PushBlobOptions): Promise<Opened> {
  const { session, repository, blob, sources, signal } = options
  let location: string | undefined
  for (const from of sources) {
    const response = await requestMount(session, repository, blob.digest, from, signal)
    if (response.status === 201) return { how: 'mounted', from }
    // A refusal is no reason to give up: the next way needs less.
    if (response.status === 202) location = locationOf(response, session)
  }
  if (location !== undefined || !session.isLocal) return { how: 'upload', ...(location && { location }) }
  const url = `/v2/${repository}/blobs/uploads/?mount=${blob.digest}`
  const response = await session.request({ method: 'POST', url, scopes: scopesOf(options), signal })
  // No bytes had to be sent, but the registry did not have the blob before, so it counts as sent.
  if (response.status === 201) return { how: 'sent' }
  return { how: 'upload', location: locationOf(response, session) }
}

async function startUpload(options: PushBlobOptions): Promise<string> {
  const { session, repository, signal } = options
  const url = `/v2/${repository}/blobs/uploads/`
  const response = await session.request({ method: 'POST', url, scopes: scopesOf(options), signal })
  if (response.status !== 202) throw await registryFailure(response, session.domain, 'the start of an upload')
  return locationOf(response, session)
}

function locationOf(response: Response, { origin }: RegistrySession): string {
  const location = response.headers.get('location')
  if (location !== null) return new URL(location, response.url || origin).href
  throw new EngineError(
    'unavailable',
    `${origin} takes an upload but hides from web pages of other sites where to (CORS): its answers lack Location in Access-Control-Expose-Headers`,
    { origin, cors: true },
  )
}

/** Sends the blob once, from the byte where the registry is. */
class BlobUpload {
  private readonly options: PushBlobOptions
  private location: string
  private sent = 0

  constructor(options: PushBlobOptions, location: string) {
    this.options = options
    this.location = location
  }

  async run(resume: boolean): Promise<void> {
    const { blob, onProgress } = this.options
    if (resume) this.sent = await this.received()
    onProgress(this.sent)
    let held: Uint8Array[] = []
    let size = 0
    for await (const part of blob.read(this.sent)) {
      if (this.options.signal?.aborted === true) throw EngineError.from(this.options.signal.reason)
      held.push(part)
      size += part.length
      // The last chunk goes with the request that ends the upload.
      if (size < CHUNK || this.sent + size === blob.size) continue
      await this.patch(concatBytes(held))
      held = []
      size = 0
    }
    await this.finish(concatBytes(held))
  }

  /**
   * The number of bytes that the registry has. One that doesn't say, or doesn't know the upload, gets the whole blob
   * anew.
   */
  private async received(): Promise<number> {
    const response = await this.request('GET', this.location)
    const match = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.get('range') ?? '')
    // `0-0` can mean no byte or one byte: one byte is not worth keeping.
    const last = Number(match?.[1] ?? 0)
    if (response.status === 204 && last > 0) return last + 1
    throw new EngineError('unavailable', `the upload of ${this.options.blob.digest} was lost`, { lost: true })
  }

  private async patch(bytes: Uint8Array): Promise<void> {
    const { session, blob, onProgress } = this.options
    const range = `${this.sent}-${this.sent + bytes.length - 1}`
    const response = await this.request('PATCH', this.location, bytes, { 'Content-Range': range })
    if (response.status !== 202)
      throw await registryFailure(response, session.domain, `bytes ${range} of ${blob.digest}`)
    this.location = locationOf(response, session)
    this.sent += bytes.length
    onProgress(this.sent)
  }

  private async finish(bytes: Uint8Array): Promise<void> {
    const { session, blob, onProgress } = this.options
    const url = new URL(this.location)
    url.searchParams.set('digest', blob.digest)
    const chunk: Record<string, string> =
      this.sent === 0 ? {} : { 'Content-Range': `${this.sent}-${this.sent + bytes.length - 1}` }
    const response = await this.request('PUT', url.href, bytes, chunk)
    if (response.status !== 201)
      throw await registryFailure(response, session.domain, `the end of ${blob.digest}`)
    onProgress(blob.size)
  }

  private request(
    method: 'GET' | 'PATCH' | 'PUT',
    url: string,
    body?: Uint8Array,
    headers?: Record<string, string>,
  ): Promise<Response> {
    return this.options.session.request({
      method,
      url,
      scopes: scopesOf(this.options),
      signal: this.options.signal,
      ...(body !== undefined && {
        body,
        headers: { 'Content-Type': 'application/octet-stream', ...headers },
      }),
    })
  }
}
