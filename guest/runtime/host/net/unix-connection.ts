/** Connecting to a unix socket, the engine's own among them. */
import { connect } from 'node:net'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { byteStreamOf } from './node-stream.ts'

/** Either side may end before the other. Rejects `unavailable`, with the path, when nobody listens. */
export function connectToUnixSocket(path: string): Promise<ByteStream> {
  const socket = connect({ path, allowHalfOpen: true })
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(byteStreamOf(socket)))
    socket.once('error', (error) =>
      reject(new EngineError('unavailable', `dial unix ${path}: ${error.message}`, { path }, error)),
    )
  })
}
