/** `--sig-proxy`: passes the signals that the caller's process gets on to the container. */
import { inBackground } from '../background.ts'
import type { EngineApi } from '../../../../vocabulary/engine-client/engine-api.ts'
import type { CliSession } from '../session.ts'

/**
 * Passes signals on.
 * @returns how to stop
 */
export function proxySignals(session: CliSession, api: EngineApi, containerId: string): () => void {
  return session.onSignal((signal) => {
    inBackground(session, api.run('POST', `/containers/${containerId}/kill`, { query: { signal } }))
  })
}
