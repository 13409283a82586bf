/** The Engine API over HTTP/1.1: on the docker socket, and on streams that arrive through the channel. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { EngineError } from '../../../protocol/errors.ts'
import { byteStreamOf } from '../../host/net/node-stream.ts'
import { METHODS, type ApiResponse, type Method, type SentRequest } from './api-types.ts'
import { Query } from './query.ts'
import { streamBody } from './request-body.ts'
import { COMMON_HEADERS, errorResponse, type Router } from './router.ts'
import { duplexBody, exchangeStream } from './http-streams.ts'
import { acceptWebSocket } from './web-socket.ts'

/** Bytes of a request's head; dockerode sends registry credentials in headers. */
const MAXIMUM_HEAD = 64 * 1024

export type OnFailure = (what: string, error: unknown) => void

/** The query begins at the first `?`; another one belongs to a value (RFC 3986, section 3.4). */
function splitTarget(target: string): { path: string; query: string } {
  const at = target.indexOf('?')
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) }
}

const isAnnounced = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function apiRequest(
  message: IncomingMessage,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): SentRequest {
  const { path, query } = splitTarget(message.url ?? '/')
  const method = message.method as Method
  if (!METHODS.includes(method)) throw new EngineError('not-found', 'page not found', { method })
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
  )
  return {
    method,
    path,
    query: Query.parse(query),
    headers,
    body: streamBody(body, isAnnounced(message)),
    signal,
  }
}

const headersOf = (response: ApiResponse): Record<string, string> => ({
  ...COMMON_HEADERS,
  ...('contentType' in response && { 'content-type': response.contentType }),
  ...(response.kind === 'json' && { 'content-type': 'application/json' }),
  ...('headers' in response && response.headers),
})

async function sendStream(response: ApiResponse & { kind: 'stream' }, out: ServerResponse): Promise<void> {
  out.writeHead(response.status, headersOf(response))
  out.flushHeaders()
  for await (const chunk of response.bytes) {
    if (out.destroyed) return
    if (!out.write(chunk)) await drained(out)
  }
  out.end()
}

/** Resolves when there is room again, or the client has gone. */
function drained(out: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      out.off('drain', done)
      out.off('close', done)
      resolve()
    }
    out.once('drain', done)
    out.once('close', done)
  })
}

async function send(response: ApiResponse, message: IncomingMessage, out: ServerResponse): Promise<void> {
  switch (response.kind) {
    case 'empty':
      out.writeHead(response.status, headersOf(response)).end()
      return
    case 'text':
    case 'json': {
      const text = response.kind === 'text' ? response.text : `${JSON.stringify(response.value)}\n`
      const body = Buffer.from(text)
      out.writeHead(response.status, { ...headersOf(response), 'content-length': String(body.length) })
      out.end(message.method === 'HEAD' ? undefined : body)
      return
    }
    case 'stream':
      return sendStream(response, out)
    case 'hijack': {
      if (response.webSocket) return send(errorResponse(NOT_A_WEBSOCKET), message, out)
      // The client asked for no upgrade: both sides exchange bytes until the connection closes, and the request's body
      // is the input. dockerd calls this form raw always.
      out.shouldKeepAlive = false
      out.useChunkedEncodingByDefault = false
      out.writeHead(200, { ...COMMON_HEADERS, 'content-type': RAW_STREAM, connection: 'close' })
      out.flushHeaders()
      return response.run(exchangeStream(message, out))
    }
  }
}

/**
 * The Content-Type of a connection that was taken over without an upgrade (moby, postContainersAttach and
 * postContainerExecStart).
 */
const RAW_STREAM = 'application/vnd.docker.raw-stream'

const NOT_A_WEBSOCKET = new EngineError('invalid', 'not websocket protocol')

async function serveRequest(router: Router, message: IncomingMessage, out: ServerResponse): Promise<void> {
  const abort = new AbortController()
  const leave = () => abort.abort()
  // A client that ends its side wants no stream any more, but it still gets the answer to its request, as from dockerd.
  message.socket.once('end', leave)
  out.once('close', () => {
    message.socket.off('end', leave)
    leave()
  })
  let response: ApiResponse
  try {
    // A handler may leave its body unread; that must not destroy the connection, as the answer is still to be sent.
    const body = message.iterator({ destroyOnReturn: false })
    response = await router.handle(apiRequest(message, body, abort.signal))
  } catch (thrown) {
    response = errorResponse(thrown)
  }
  await send(response, message, out)
  // The rest of the body is read and dropped, so that the connection can serve the next request.
  if (response.kind !== 'hijack') message.resume()
}

function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${status === 101 ? 'UPGRADED' : (STATUS_CODES[status] ?? '')}\r\n${lines.join('')}\r\n`
}

/** Answers a request to upgrade whose route has nothing to upgrade to like any other request, then closes the connection. */
async function refuseUpgrade(
  response: Exclude<ApiResponse, { kind: 'hijack' }>,
  socket: Duplex,
): Promise<void> {
  const chunks: Uint8Array[] = []
  if (response.kind === 'json') chunks.push(Buffer.from(`${JSON.stringify(response.value)}\n`))
  if (response.kind === 'text') chunks.push(Buffer.from(response.text))
  if (response.kind === 'stream') for await (const chunk of response.bytes) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  socket.write(
    head(response.status, {
      ...headersOf(response),
      'content-length': String(body.length),
      connection: 'close',
    }),
  )
  socket.end(body)
}

async function serveUpgrade(
  router: Router,
  message: IncomingMessage,
  socket: Duplex,
  rest: Buffer,
): Promise<void> {
  const abort = new AbortController()
  socket.once('close', () => abort.abort())
  socket.once('error', () => abort.abort())
  if (rest.length > 0) socket.unshift(rest)
  const body = duplexBody(message, socket)
  let response: ApiResponse
  try {
    response = await router.handle(apiRequest(message, body, abort.signal))
    // A body that nobody asked for is not the stream's input: dockerode sends its options to attach in one.
    for await (const _ of body);
  } catch (thrown) {
    response = errorResponse(thrown)
  }
  if (response.kind !== 'hijack') return refuseUpgrade(response, socket)
  if (response.webSocket) {
    const stream = await acceptWebSocket(message, socket, response.webSocket)
    return stream && response.run(stream)
  }
  const upgrade = { 'content-type': response.contentType, connection: 'Upgrade', upgrade: 'tcp' }
  socket.write(head(101, { ...COMMON_HEADERS, ...upgrade }))
  await response.run(byteStreamOf(socket))
}

/** `server.emit('connection', duplex)` serves a stream that did not come through its socket. */
export function httpServer(router: Router, onFailure: OnFailure): Server {
  const server = createServer({ maxHeaderSize: MAXIMUM_HEAD, requestTimeout: 0, keepAliveTimeout: 0 })
  // @types/node lacks this option: it lets a client end its side before it has its answer (lib/_http_server.js,
  // socketOnEnd).
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('request', (message, out) => {
    serveRequest(router, message, out).catch((error: unknown) => {
      // The head has been sent, so cutting the connection is the one way left to tell of the failure.
      out.destroy()
      onFailure(`${message.method} ${message.url}`, error)
    })
  })
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, rest: Buffer) => {
    serveUpgrade(router, message, socket, rest).catch((error: unknown) => {
      socket.destroy()
      onFailure(`${message.method} ${message.url}`, error)
    })
  })
  return server
}
