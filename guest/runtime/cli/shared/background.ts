/** Calls that nobody waits for: a resize, a forwarded signal. */
import { ApiError } from './engine-api-client.ts'
import type { CliSession } from './session.ts'

/**
 * A refusal by the engine is no news (the container has just exited, and its end is reported elsewhere); anything else is
 * shown to the user. Never rejects: a rejection that nobody handles would end the engine.
 */
export function inBackground(session: CliSession, call: Promise<void>): void {
  call.catch((error: unknown) => {
    if (error instanceof ApiError || session.ended.aborted) return
    void session.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  })
}
