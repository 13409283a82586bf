/** Requests and responses of the Engine API, independent of how they travel. */
import type { DirectAttach } from '../../../protocol/api/direct-attach.ts'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import type { JsonText } from './json/scan-json.ts'
import type { Query } from './query.ts'

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

export interface ApiBody {
  /** The request's head says that it brings a body. */
  isAnnounced: boolean
  /** The first JSON value of the body. Throws `invalid` in Go's words, or `too-large`. */
  json(): Promise<JsonText>
  bytes(): AsyncIterable<Uint8Array>
}

/** A request as a client sent it, with the path that may begin with a version. */
export interface SentRequest {
  method: Method
  path: string
  query: Query
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  body: ApiBody
  /** Aborted when the client has gone. */
  signal: AbortSignal
  /** A caller in the guest attaches by it: see EngineRequest. */
  direct?: DirectAttach
}

/** A request as handlers get it: the path without its version. */
export interface ApiRequest extends SentRequest {
  /** The API version that the client speaks. */
  version: string
}

export type ApiHeaders = Record<string, string>

export type ApiResponse =
  | { kind: 'empty'; status: number; headers?: ApiHeaders }
  | { kind: 'json'; status: number; value: unknown; headers?: ApiHeaders }
  | { kind: 'text'; status: number; text: string; headers?: ApiHeaders }
  /** The head is sent at once, the bytes as they come. */
  | {
      kind: 'stream'
      status: number
      contentType: string
      bytes: AsyncIterable<Uint8Array>
      headers?: ApiHeaders
    }
  /** The connection becomes a raw stream: 101 when the client asked for an upgrade, else 200. A `webSocket` must be asked for. */
  | {
      kind: 'hijack'
      contentType: string
      webSocket?: 'binary' | 'text'
      /** The request's `direct` will be called, and the stream only ended. */
      direct?: boolean
      run(stream: ByteStream): Promise<void>
    }

/** Values of `{name}` in the route's pattern. */
export type PathValues = Record<string, string>

export type Handler = (request: ApiRequest, values: PathValues) => Promise<ApiResponse> | ApiResponse

export interface Route {
  method: Method
  /** `/containers/{id}/json`; `{name*}` matches slashes too. */
  pattern: string
  /** The Content-Type of errors, which are then plain text; without it errors are JSON. */
  errorType?: string
  handler: Handler
}

export const json = (value: unknown, status = 200): ApiResponse => ({ kind: 'json', status, value })
export const noContent = (): ApiResponse => ({ kind: 'empty', status: 204 })

const encoder = new TextEncoder()

/** Puts each JSON value on a line of its own, as Docker streams events, progress and stats. */
export function jsonLines(values: AsyncIterable<unknown>): ApiResponse {
  return { kind: 'stream', status: 200, contentType: 'application/json', bytes: lines(values) }
}

async function* lines(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const value of values) yield encoder.encode(`${JSON.stringify(value)}\r\n`)
}
