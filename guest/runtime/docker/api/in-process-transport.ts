/** The Engine API for callers in this process: the same handlers, no HTTP. The CLI uses it. */
import type {
  EngineRequest,
  EngineResponse,
  EngineTransport,
} from '../../../protocol/api/engine-transport.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ApiRequest, ApiResponse } from './api-types.ts'
import { Query } from './query.ts'
import { streamBody, valueBody } from './request-body.ts'
import { COMMON_HEADERS, type Router } from './router.ts'
import { streamPair } from './stream-pair.ts'

const encoder = new TextEncoder()

function bodyOf(body: EngineRequest['body']): ApiRequest['body'] {
  if (body === undefined) return valueBody(undefined)
  return 'json' in body ? valueBody(body.json) : streamBody(body.bytes)
}

/** As HTTP says it. */
const typeOf = (body: EngineRequest['body']): Record<string, string> =>
  body !== undefined && 'bytes' in body ? { 'content-type': body.contentType } : {}

function apiRequest(request: EngineRequest, signal: AbortSignal): ApiRequest {
  return {
    method: request.method,
    path: request.path,
    query: Query.of(request.query ?? {}),
    headers: { ...typeOf(request.body), ...request.headers },
    body: bodyOf(request.body),
    signal,
  }
}

/** Aborted by the caller's signal, or when the caller stops reading the response. */
function linkedAbort(outer: EngineRequest['signal']): AbortController {
  const controller = new AbortController()
  const abort = () => controller.abort(outer?.reason)
  outer?.addEventListener('abort', abort, { once: true })
  if (outer?.aborted) abort()
  return controller
}

async function* single(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield encoder.encode(text)
}

async function* untilLeft(
  bytes: AsyncIterable<Uint8Array>,
  abort: AbortController,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } finally {
    abort.abort()
  }
}

function bytesOf(response: ApiResponse, abort: AbortController): AsyncIterable<Uint8Array> {
  switch (response.kind) {
    case 'empty':
      return single('')
    case 'text':
      return single(response.text)
    case 'json':
      return single(JSON.stringify(response.value))
    case 'stream':
      return untilLeft(response.bytes, abort)
    case 'hijack':
      return untilLeft(hijackedBytes(response), abort)
  }
}

/** A hijacking call without an upgrade: its output is the body, and it gets no input. */
async function* hijackedBytes({ run }: ApiResponse & { kind: 'hijack' }): AsyncGenerator<Uint8Array> {
  const [near, far] = streamPair()
  await near.end()
  const served = run(far)
  served.catch(() => undefined)
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

/** @param onFailure told when a hijacked stream fails after the upgrade, where no response can tell it */
export function inProcessTransport(router: Router, onFailure: (error: unknown) => void): EngineTransport {
  return {
    async request(request): Promise<EngineResponse> {
      const abort = linkedAbort(request.signal)
      const response = await router.handle(apiRequest(request, abort.signal))
      const status = response.kind === 'hijack' ? 200 : response.status
      return { status, headers: headersOf(response), body: bytesOf(response, abort) }
    },
    async upgrade(request) {
      const abort = linkedAbort(request.signal)
      const response = await router.dispatch(apiRequest(request, abort.signal))
      if (response.kind !== 'hijack')
        throw new EngineError('invalid', `${request.path} has no stream to upgrade to`, {
          path: request.path,
        })
      const [near, far] = streamPair()
      abort.signal.addEventListener('abort', () => near.reset('the call was aborted'), { once: true })
      response.run(far).catch((error: unknown) => {
        far.reset(EngineError.from(error).message)
        onFailure(error)
      })
      return { headers: headersOf(response), stream: near }
    },
  }
}
