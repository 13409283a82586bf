/** A name server over UDP (RFC 1035 section 4.2.1) on an address of the guest. */
import { createSocket } from 'node:dgram'
import { EngineError } from '../../../protocol/errors.ts'

/**
 * Rejects `unavailable` when the address or the port can't be had.
 * @param answer makes the reply to a query; a query that it throws on gets none, and `onError` what was thrown
 */
export function listenForDns(
  host: string,
  port: number,
  answer: (query: Uint8Array) => Uint8Array,
  onError: (error: unknown) => void,
): Promise<{ port: number; close(): void }> {
  const socket = createSocket('udp4')
  socket.on('message', (query, { address, port }) => {
    try {
      socket.send(answer(query), port, address)
    } catch (error) {
      onError(error)
    }
  })
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void =>
      reject(
        new EngineError('unavailable', `cannot listen on ${host}:${port}/udp: ${error.message}`, {}, error),
      )
    socket.once('error', refused)
    socket.bind(port, host, () => {
      socket.off('error', refused)
      socket.on('error', onError)
      resolve({ port: socket.address().port, close: () => void socket.close() })
    })
  })
}
