/** `--sig-proxy`: what the caller's process is sent goes to the container instead. */
import type { EngineApi } from '../engine-api-client.ts'
import { ApiError } from '../engine-api-client.ts'
import type { CliSession } from '../session.ts'

/** Returns how to stop. */
export function proxySignals(session: CliSession, api: EngineApi, containerId: string): () => void {
  return session.onSignal((signal) => {
    void api.run('POST', `/containers/${containerId}/kill`, { query: { signal } }).catch((error: unknown) => {
      // The container has exited already: Docker's client ignores that too.
      if (!(error instanceof ApiError) && !session.ended.aborted) throw error
    })
  })
}
