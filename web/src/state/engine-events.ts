import type { EngineEvent } from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EngineClient } from '../client/engine-client.ts'

export interface EngineEventsListener {
  /** Called each time the engine listens: everything must be read once, then events keep it up to date. */
  onConnected(): void
  onEvent(event: EngineEvent): void
  /** Called when the engine went away; the next attempt follows by itself. */
  onDisconnected(reason: EngineError): void
}

/** The engine's supervisor brings it back within a second or two; asking twice a second is soon enough for eyes. */
const RECONNECT_MS = 500

/**
 * Follows `/events` for as long as the machine lives. The engine may be killed and restarted under us (containers live
 * on), so the end of the stream is followed by another connection, told to the listener each time.
 */
export async function followEngineEvents(
  client: EngineClient,
  listener: EngineEventsListener,
  signal: AbortSignal,
  pause: (milliseconds: number) => Promise<void> = wait,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of client.events(signal, () => listener.onConnected())) listener.onEvent(event)
      if (!signal.aborted)
        listener.onDisconnected(new EngineError('unavailable', 'the engine closed its event stream'))
    } catch (thrown) {
      if (signal.aborted) return
      listener.onDisconnected(EngineError.from(thrown))
    }
    if (!signal.aborted) await pause(RECONNECT_MS)
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
