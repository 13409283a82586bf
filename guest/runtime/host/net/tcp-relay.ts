/** Channel streams of the service `tcp`: a connection made inside the guest, as published ports need. */
import { connect } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { duplexOf } from './node-stream.ts'

/** Rejects `unavailable` when nobody listens; otherwise resolves when both directions have ended. */
export async function relayTcp(target: { host?: string; port: number }, stream: ByteStream): Promise<void> {
  const { host = '127.0.0.1', port } = target
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (error) =>
      reject(new EngineError('unavailable', `nothing listens on ${host}:${port}`, { host, port }, error)),
    )
  })
  const duplex = duplexOf(stream)
  await Promise.all([pipeline(duplex, socket), pipeline(socket, duplex)])
}
