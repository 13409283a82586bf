/** DNS messages to a server outside, over UDP (RFC 1035 section 4.2.1). */
import { createSocket } from 'node:dgram'
import { EngineError } from '../../../protocol/errors.ts'

const DNS_PORT = 53
/** Docker's resolver waits this long for each server. */
const TIMEOUT_MS = 4000

/** Resolves with the server's answer to this very query; rejects `unavailable` when none comes. */
export function forwardDns(query: Uint8Array, server: string, port = DNS_PORT): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    const end = (): void => {
      clearTimeout(timer)
      socket.close()
    }
    const fail = (reason: string, cause?: unknown): void => {
      end()
      reject(new EngineError('unavailable', `DNS server ${server}: ${reason}`, { server }, cause))
    }
    const timer = setTimeout(() => fail(`no answer in ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS)
    socket.on('error', (error) => fail(error.message, error))
    socket.on('message', (answer) => {
      // This answers an older query that was sent from the same port.
      if (answer[0] !== query[0] || answer[1] !== query[1]) return
      end()
      resolve(new Uint8Array(answer))
    })
    // The socket is connected, so that an unreachable server is an error at once and no other host's answer counts.
    socket.connect(port, server, () => socket.send(query))
  })
}
