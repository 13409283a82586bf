/** Bodies and hijacked connections of node:http as the engine's streams. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { byteStreamOf } from '../../host/net/node-stream.ts'

function contentLength({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined)
    throw new EngineError(
      'not-supported',
      'a request that upgrades its connection must name its Content-Length',
    )
  return Number(headers['content-length'] ?? 0)
}

/** The request's body: node leaves the body of an upgrading request in the socket, as its first Content-Length bytes. */
export async function* duplexBody(message: IncomingMessage, socket: Duplex): AsyncGenerator<Uint8Array> {
  let missing = contentLength(message)
  while (missing > 0) {
    const chunk =
      (socket.read(Math.min(missing, Math.max(1, socket.readableLength))) as Buffer | null) ?? undefined
    if (!chunk) {
      await readable(socket)
      continue
    }
    missing -= chunk.length
    yield chunk
  }
}

function readable(socket: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    const clear = () => {
      socket.off('readable', onReadable)
      socket.off('end', onEnd)
      socket.off('close', onEnd)
    }
    const onReadable = () => (clear(), resolve())
    const onEnd = () => (clear(), reject(new EngineError('invalid', "the request's body ended early")))
    socket.once('readable', onReadable)
    socket.once('end', onEnd)
    socket.once('close', onEnd)
  })
}

/** The request's body and the response's as the two directions of a stream. */
export function exchangeStream(message: IncomingMessage, out: ServerResponse): ByteStream {
  return byteStreamOf(Duplex.from({ readable: message, writable: out }))
}
