import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { HttpConnection, type Exchange } from './http-connection.ts'
import { encodeRequest } from './http-request.ts'

export interface PortRequest {
  port: number
  method: string
  target: string
  headers: [string, string][]
  body?: Uint8Array
  signal?: AbortSignal
}

/** Headers that we set, or that concern a single hop only (RFC 9110 section 7.6.1). */
const OWN_HEADERS = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'upgrade',
  'content-length',
])

/**
 * Sends one HTTP request to a published port, on a TCP connection of the guest that is used once. Rejects with
 * `unavailable` when nobody listens.
 */
export async function requestPort(
  openStream: (open: StreamOpen) => Promise<ByteStream>,
  { port, method, target, headers, body, signal }: PortRequest,
): Promise<Exchange> {
  const kept = headers.filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()))
  const request = encodeRequest({
    method,
    target,
    // The page cannot decode compressed bodies, so it asks for plain ones.
    headers: {
      ...Object.fromEntries(kept),
      Host: `localhost:${port}`,
      Connection: 'close',
      'Accept-Encoding': 'identity',
    },
    ...(body && { body }),
  })
  const stream = await openStream({ service: 'tcp', port })
  return new HttpConnection(stream).exchange(request, signal)
}
