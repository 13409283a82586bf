/** JSON from outside: a text becomes a value that is not trusted yet. */
import { EngineError } from '../protocol/errors.ts'
import { isRecord } from '../protocol/wire/is-record.ts'

/** @param what names the text in the error. @throws EngineError `corrupt` for what is not JSON */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineError('corrupt', `${what} is not JSON: ${text.slice(0, 120)}`, {}, cause)
  }
}

/** @throws EngineError `corrupt` for what is not a JSON object */
export function parseJsonObject(text: string, what: string): Record<string, unknown> {
  const value = parseJson(text, what)
  if (!isRecord(value))
    throw new EngineError('corrupt', `${what} is not a JSON object: ${text.slice(0, 120)}`)
  return value
}

/** Whether every value of an object is a text, as those of labels and headers are. */
export const isTextRecord = (value: unknown): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every((item) => typeof item === 'string')
