/** Makes calls that nobody waits for: a resize, a forwarded signal. */
import { ApiError } from './api-error.ts'
import type { CliSession } from './session.ts'

/**
 * Ignores a refusal by the engine (the container has just exited, and its end is reported elsewhere) and shows any
 * other failure to the user. Never rejects: an unhandled rejection would end the engine.
 */
export function inBackground(session: CliSession, call: Promise<void>): void {
  call.catch((error: unknown) => {
    if (error instanceof ApiError || session.ended.aborted) return
    void session.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  })
}
