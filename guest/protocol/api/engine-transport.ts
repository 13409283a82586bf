/**
 * How a caller reaches the Engine API. Three implementations pass one contract suite: in-process (the CLI in the engine),
 * HTTP/1.1 over a channel stream (the page), HTTP/1.1 over a unix socket (tests).
 */
import type { ByteStream } from '../wire/byte-stream.ts'
import type { DirectAttach } from './direct-attach.ts'

export interface EngineRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Without version prefix: `/containers/json`. */
  path: string
  /** A list is one parameter given several times. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>
  headers?: Record<string, string>
  /** A JSON value, or raw bytes (tar uploads). */
  body?: { json: unknown } | { bytes: AsyncIterable<Uint8Array>; contentType: string }
  signal?: AbortSignal
  /** Attaches to the process in place of the stream, in an upgrade within the guest; other transports pass it over. */
  direct?: DirectAttach
}

export interface Upgraded {
  headers: Record<string, string>
  stream: ByteStream
  /** `direct` will be called, and the stream carries no bytes: its end tells the process's. */
  direct?: boolean
}

export interface EngineResponse {
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  /** Ends with the response; breaking out of the loop aborts it. */
  body: AsyncIterable<Uint8Array>
  /** The whole body, where it is at hand; `body` need not be read then. */
  text?: () => string
}

export interface EngineTransport {
  request(request: EngineRequest): Promise<EngineResponse>
  /** `Connection: Upgrade, Upgrade: tcp`; resolves at 101 with the raw stream, rejects with the engine's error otherwise. */
  upgrade(request: EngineRequest): Promise<Upgraded>
}
