/** Channel streams of the service `tcp`: a connection made inside the guest, as published ports need. */
import { connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { duplexOf } from './node-stream.ts'

/** A port may be published on one family's addresses alone. */
const LOOPBACKS = ['127.0.0.1', '::1']

/**
 * Connects to the host, or without one to whichever of the guest's loopback addresses has the port. Rejects
 * `unavailable` when nobody listens; otherwise resolves when both directions have ended.
 */
export async function relayTcp(target: { host?: string; port: number }, stream: ByteStream): Promise<void> {
  const hosts = target.host === undefined ? LOOPBACKS : [target.host]
  const socket = await connectToFirst(hosts, target.port)
  const duplex = duplexOf(stream)
  await Promise.all([pipeline(duplex, socket), pipeline(socket, duplex)])
}

async function connectToFirst(hosts: readonly string[], port: number): Promise<Socket> {
  const [host, ...others] = hosts as [string, ...string[]]
  try {
    return await connectTo(host, port)
  } catch (error) {
    // When all hosts refuse, the first one's refusal is reported.
    for (const other of others) {
      const socket = await connectTo(other, port).catch(() => undefined)
      if (socket !== undefined) return socket
    }
    throw error
  }
}

function connectTo(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error) =>
      reject(new EngineError('unavailable', `nothing listens on ${host}:${port}`, { host, port }, error)),
    )
  })
}
