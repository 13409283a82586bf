/** `--sig-proxy`: what the caller's process is sent goes to the container instead. */
import { inBackground } from '../background.ts'
import type { EngineApi } from '../engine-api-client.ts'
import type { CliSession } from '../session.ts'

/** Returns how to stop. */
export function proxySignals(session: CliSession, api: EngineApi, containerId: string): () => void {
  return session.onSignal((signal) => {
    inBackground(session, api.run('POST', `/containers/${containerId}/kill`, { query: { signal } }))
  })
}
