/** The unix socket on which the thin docker clients reach the CLI (cli/cli-server.ts). */
import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { byteStreamOf } from './node-stream.ts'

/** Root and its group may use the engine, as with /run/docker.sock. */
const SOCKET_MODE = 0o660

/** @throws EngineError `unavailable` when the path can't be listened on */
export function listenForCli(
  path: string,
  accept: (stream: ByteStream) => void,
): Promise<{ close(): Promise<void> }> {
  // An engine that was killed leaves its socket behind.
  rmSync(path, { force: true })
  const server = createServer({ allowHalfOpen: true }, (socket) => accept(byteStreamOf(socket)))
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new EngineError('unavailable', `cannot listen on ${path}: ${error.message}`, { path }, error))
    })
    server.listen(path, () => {
      chmodSync(path, SOCKET_MODE)
      resolve({ close: () => new Promise((closed) => server.close(() => closed())) })
    })
  })
}
