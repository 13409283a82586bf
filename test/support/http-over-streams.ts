import { createServer, type RequestListener, type Server } from 'node:http'
import { Duplex } from 'node:stream'
import type { ByteStream } from '../../guest/protocol/wire/byte-stream.ts'
import { byteStreamPair } from './byte-stream-pair.ts'

export interface StreamServer {
  server: Server
  /** A new connection to the server: what `openStream` gives the page. */
  open: () => Promise<ByteStream>
  /** How many connections have been opened. */
  readonly connections: number
}

/** Node's own HTTP/1.1 server behind in-memory byte streams, so that our client meets an implementation we did not write. */
export function httpOverStreams(listener: RequestListener): StreamServer {
  const server = createServer(listener)
  const counter = { connections: 0 }
  const open = async () => {
    const [near, far] = byteStreamPair()
    counter.connections += 1
    server.emit('connection', duplexOver(far))
    return near
  }
  return Object.defineProperty({ server, open, connections: 0 }, 'connections', {
    get: () => counter.connections,
  })
}

/** A Node socket look-alike over a ByteStream. */
function duplexOver(stream: ByteStream): Duplex {
  const duplex = new Duplex({
    read: () => {
      stream.read().then(
        (chunk) => duplex.push(chunk),
        (reason: Error) => duplex.destroy(reason),
      )
    },
    write: (chunk: Buffer, _encoding, done) =>
      void stream.write(new Uint8Array(chunk)).then(() => done(), done),
    final: (done) => void stream.end().then(() => done(), done),
    destroy: (reason, done) => {
      if (reason) stream.reset(reason.message)
      else stream.end().catch(() => stream.reset('destroyed'))
      done(null)
    },
  })
  return duplex
}
