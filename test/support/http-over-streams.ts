import { createServer, type RequestListener, type Server } from 'node:http'
import type { ByteStream } from '../../guest/protocol/wire/byte-stream.ts'
import { streamSocket } from '../../scripts/lib/machine/stream-socket.ts'
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
    server.emit('connection', streamSocket(far))
    return near
  }
  return Object.defineProperty({ server, open, connections: 0 }, 'connections', {
    get: () => counter.connections,
  })
}
