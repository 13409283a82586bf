import { ERROR_CODES, EngineError } from '../errors.ts'
import type { SerializedError } from '../errors.ts'
import { isRecord } from './is-record.ts'

/** JSON payloads of frames. UTF-8 has no byte 0xF5, so none of them can contain SYNC. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

export function decodeJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (cause) {
    throw new EngineError('corrupt', 'channel: a frame that carries JSON does not parse', {}, cause)
  }
}

/** An error as a payload of at most `limit` bytes; a longer one loses its details and causes, then its message's tail. */
export function encodeError(error: EngineError, limit: number): Uint8Array {
  const whole = encodeJson(error)
  if (whole.length <= limit) return whole
  return encodeJson({ code: error.code, message: error.message.slice(0, Math.floor(limit / 8)) })
}

export function decodeError(payload: Uint8Array): EngineError {
  return parseError(decodeJson(payload), 'channel: a frame that carries an error does not')
}

/** An error that the peer sent. @throws EngineError `corrupt` with the sentence given for what is none */
export function parseError(value: unknown, sentence: string): EngineError {
  if (!isSerializedError(value)) throw new EngineError('corrupt', sentence)
  return EngineError.fromJSON(value)
}

function isSerializedError(value: unknown): value is SerializedError {
  if (!isRecord(value)) return false
  const { code, message, cause } = value
  return (
    (ERROR_CODES as readonly unknown[]).includes(code) &&
    typeof message === 'string' &&
    (cause === undefined || isSerializedError(cause))
  )
}
