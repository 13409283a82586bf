/** Listening on a unix socket of the engine's own. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'

/** Root and its group may use the engine. */
const SOCKET_MODE = 0o660

/**
 * Listens at the path; removes a socket that a killed engine left there. Rejects `unavailable` when it can't be
 * listened on.
 */
export function listenOnUnixSocket(server: Server, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { force: true })
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new EngineError('unavailable', `cannot listen on ${path}: ${error.message}`, { path }, error)),
    )
    server.listen(path, () => {
      chmodSync(path, SOCKET_MODE)
      resolve()
    })
  })
}
