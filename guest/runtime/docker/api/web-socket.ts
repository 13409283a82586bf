/** The server's half of a WebSocket (RFC 6455), as a stream: each chunk written is a message. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { byteStreamOf } from '../../host/net/node-stream.ts'

/** The most bytes in a client's message, as in golang.org/x/net/websocket, which dockerd uses. */
const MAXIMUM_MESSAGE = 32 << 20

/**
 * Answers the handshake. Resolves with undefined when the handshake was refused; the client has been told then. The
 * stream's bytes are the client's messages, text or binary.
 */
export async function acceptWebSocket(
  message: IncomingMessage,
  socket: Duplex,
  messages: 'binary' | 'text',
): Promise<ByteStream | undefined> {
  // Few clients ask for a WebSocket, so the library and the modules it loads (tls among them) must not slow every
  // start.
  const { WebSocketServer, createWebSocketStream } = await import('ws')
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAXIMUM_MESSAGE,
  })
  return new Promise((resolve) => {
    socket.once('close', () => resolve(undefined))
    server.handleUpgrade(message, socket, Buffer.alloc(0), (client) => {
      const send = client.send.bind(client)
      if (messages === 'text')
        client.send = ((data: Buffer, done: (error?: Error) => void) =>
          send(data, { binary: false }, done)) as typeof client.send
      resolve(byteStreamOf(createWebSocketStream(client)))
    })
  })
}
