/**
 * Reads the detach keys of a request, with the sentences of dockerd's attach and exec (daemon/attach.go,
 * daemon/exec.go).
 */
import { EngineError } from '../../../protocol/errors.ts'
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from '../../../vocabulary/detach-keys.ts'

/**
 * The bytes of the keys.
 * @param text the request's text; empty for the default keys
 * @param what an attach calls them detach keys, an exec escape keys
 * @throws EngineError `invalid`
 */
export function requestedKeys(text: string | undefined, what: 'detach' | 'escape'): Uint8Array {
  if (text === undefined || text === '') return DEFAULT_DETACH_KEYS
  try {
    return parseDetachKeys(text)
  } catch (thrown) {
    throw new EngineError('invalid', `Invalid ${what} keys (${text}) provided`, { keys: text }, thrown)
  }
}
