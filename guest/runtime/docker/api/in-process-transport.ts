/** The Engine API for callers in this process: the same handlers, no HTTP. The CLI uses it. */
import type {
  EngineRequest,
  EngineResponse,
  EngineTransport,
} from '../../../protocol/api/engine-transport.ts'
import { watchBytes } from '../../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ApiBody, ApiResponse, SentRequest } from './api-types.ts'
import { Query } from './query.ts'
import { streamBody, valueBody } from './request-body.ts'
import { COMMON_HEADERS, type Router } from './router.ts'
import { streamPair } from './stream-pair.ts'

const encoder = new TextEncoder()

function bodyOf(body: EngineRequest['body']): ApiBody {
  if (body === undefined) return valueBody(undefined)
  return 'json' in body ? valueBody(body.json) : streamBody(body.bytes, true)
}

/** The Content-Type header that HTTP would give the body. */
function typeOf(body: EngineRequest['body']): Record<string, string> {
  if (body === undefined) return {}
  return { 'content-type': 'json' in body ? 'application/json' : body.contentType }
}

function apiRequest(request: EngineRequest, link: LinkedAbort): SentRequest {
  return {
    method: request.method,
    path: request.path,
    query: Query.of(request.query ?? {}),
    headers: { ...typeOf(request.body), ...request.headers },
    body: bodyOf(request.body),
    get signal() {
      return link.signal
    },
    ...(request.direct && { direct: request.direct }),
  }
}

/** Aborted by the caller's signal, or when the caller stops reading the response. Made for the few calls that ask for it. */
class LinkedAbort {
  readonly #outer: AbortSignal | undefined
  #controller: AbortController | undefined

  constructor(outer: EngineRequest['signal']) {
    this.#outer = outer
  }

  readonly #follow = (): void => this.#controller?.abort(this.#outer?.reason)

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.#outer?.addEventListener('abort', this.#follow, { once: true })
      if (this.#outer?.aborted) this.#follow()
    }
    return this.#controller.signal
  }

  abort(): void {
    this.#controller?.abort()
  }

  /** Lets go of the caller's signal, which may outlive thousands of calls. */
  unlink(): void {
    if (this.#controller !== undefined) this.#outer?.removeEventListener('abort', this.#follow)
  }
}

async function* single(text: () => string): AsyncGenerator<Uint8Array> {
  const whole = text()
  if (whole !== '') yield encoder.encode(whole)
}

function untilLeft(bytes: AsyncIterable<Uint8Array>, link: LinkedAbort): AsyncIterable<Uint8Array> {
  const over = (): void => {
    link.unlink()
    link.abort()
  }
  return watchBytes(bytes, { over })
}

type Whole = Exclude<ApiResponse, { kind: 'stream' } | { kind: 'hijack' }>

function textOf(response: Whole): string {
  switch (response.kind) {
    case 'empty':
      return ''
    case 'text':
      return response.text
    case 'json':
      return JSON.stringify(response.value)
  }
}

function bodyFor(response: ApiResponse, link: LinkedAbort): Pick<EngineResponse, 'body' | 'text'> {
  if (response.kind === 'stream') return { body: untilLeft(response.bytes, link) }
  if (response.kind === 'hijack') return { body: untilLeft(hijackedBytes(response), link) }
  link.unlink()
  const text = () => textOf(response)
  return { body: single(text), text }
}

/** The output of a hijacking call without an upgrade, as its response body; the call gets no input. */
async function* hijackedBytes({ run }: ApiResponse & { kind: 'hijack' }): AsyncGenerator<Uint8Array> {
  const [near, far] = streamPair()
  await near.end()
  const served = run(far)
  served.catch((error: unknown) => far.reset(EngineError.from(error).message))
  try {
    for (let chunk = await near.read(); chunk !== null; chunk = await near.read()) yield chunk
    await served
  } finally {
    near.reset('the response was abandoned')
  }
}

const contentType = (response: ApiResponse): Record<string, string> => {
  if (response.kind === 'json') return { 'content-type': 'application/json' }
  return 'contentType' in response ? { 'content-type': response.contentType } : {}
}

const headersOf = (response: ApiResponse) => ({
  ...COMMON_HEADERS,
  ...contentType(response),
  ...('headers' in response ? response.headers : {}),
})

async function hijack(router: Router, request: SentRequest): Promise<ApiResponse & { kind: 'hijack' }> {
  const response = await router.dispatch(request)
  if (response.kind === 'hijack') return response
  const { path } = request
  throw new EngineError('invalid', `${path} has no stream to upgrade to`, { path })
}

/** @param onFailure told when a hijacked stream fails after the upgrade, where no response can tell it */
export function inProcessTransport(router: Router, onFailure: (error: unknown) => void): EngineTransport {
  return {
    async request(request): Promise<EngineResponse> {
      const link = new LinkedAbort(request.signal)
      const response = await router.handle(apiRequest(request, link))
      const status = response.kind === 'hijack' ? 200 : response.status
      return { status, headers: headersOf(response), ...bodyFor(response, link) }
    },
    async upgrade(request) {
      const link = new LinkedAbort(request.signal)
      let response: ApiResponse & { kind: 'hijack' }
      try {
        response = await hijack(router, apiRequest(request, link))
      } catch (error) {
        link.unlink()
        throw error
      }
      const [near, far] = streamPair()
      const abandon = () => near.reset('the call was aborted')
      request.signal?.addEventListener('abort', abandon, { once: true })
      if (request.signal?.aborted) abandon()
      response
        .run(far)
        .catch((error: unknown) => {
          far.reset(EngineError.from(error).message)
          onFailure(error)
        })
        .finally(() => {
          request.signal?.removeEventListener('abort', abandon)
          link.unlink()
        })
      return { headers: headersOf(response), stream: near, direct: response.direct ?? false }
    },
  }
}
