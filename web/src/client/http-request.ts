import type { EngineRequest } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'

/** A request as it goes on the wire: the head, then the body when there is one. */
export interface EncodedRequest {
  method: EngineRequest['method'] | (string & {})
  head: Uint8Array
  body?: Uint8Array | AsyncIterable<Uint8Array>
}

export interface RequestParts {
  method: string
  /** Origin-form: path and query, already percent-encoded. */
  target: string
  headers: Record<string, string>
  body?: Uint8Array | AsyncIterable<Uint8Array>
}

const encoder = new TextEncoder()
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * HTTP/1.1 request head (RFC 9112 section 3). A body of known bytes gets Content-Length, a stream of bytes is sent
 * chunked. Throws EngineError `invalid` for anything that would break out of its line.
 */
export function encodeRequest({ method, target, headers, body }: RequestParts): EncodedRequest {
  if (!TOKEN.test(method))
    throw new EngineError('invalid', `HTTP method ${JSON.stringify(method)} is not a token`)
  if (!/^\/[\x21-\x7e]*$/.test(target)) {
    throw new EngineError(
      'invalid',
      `request target ${JSON.stringify(target)} must start with / and be percent-encoded`,
    )
  }
  const lines = [`${method} ${target} HTTP/1.1`]
  for (const [name, value] of Object.entries({ ...headers, ...bodyHeaders(method, body) })) {
    if (!TOKEN.test(name) || /[\r\n\0]/.test(value)) {
      throw new EngineError(
        'invalid',
        `header ${JSON.stringify(name)} holds characters that HTTP does not allow`,
      )
    }
    lines.push(`${name}: ${value}`)
  }
  return {
    method,
    head: encoder.encode(lines.join('\r\n') + '\r\n\r\n'),
    ...(body && { body: chunkedIfStream(body) }),
  }
}

function bodyHeaders(method: string, body: RequestParts['body']): Record<string, string> {
  if (body instanceof Uint8Array) return { 'Content-Length': String(body.length) }
  if (body) return { 'Transfer-Encoding': 'chunked' }
  return method === 'POST' || method === 'PUT' ? { 'Content-Length': '0' } : {}
}

function chunkedIfStream(
  body: Uint8Array | AsyncIterable<Uint8Array>,
): Uint8Array | AsyncIterable<Uint8Array> {
  return body instanceof Uint8Array ? body : encodeChunked(body)
}

async function* encodeChunked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue // a zero-length chunk would end the body
    yield encoder.encode(chunk.length.toString(16) + '\r\n')
    yield chunk
    yield encoder.encode('\r\n')
  }
  yield encoder.encode('0\r\n\r\n')
}

/** The Engine API request as origin-form target, headers and body. `undefined` query values are left out, lists repeated. */
export function engineRequestParts(request: EngineRequest, upgrade: boolean): RequestParts {
  const query = Object.entries(request.query ?? {})
    .flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one] as const))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  const headers: Record<string, string> = { Host: 'docker', ...request.headers }
  if (upgrade) Object.assign(headers, { Connection: 'Upgrade', Upgrade: 'tcp' })
  const parts = { method: request.method, target: request.path + (query && `?${query}`), headers }
  if (!request.body) return parts
  if ('json' in request.body) {
    headers['Content-Type'] = 'application/json'
    return { ...parts, body: encoder.encode(JSON.stringify(request.body.json)) }
  }
  headers['Content-Type'] = request.body.contentType
  return { ...parts, body: request.body.bytes }
}
