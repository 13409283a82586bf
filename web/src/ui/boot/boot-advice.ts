import type { EngineError, ErrorCode } from '../../../../guest/protocol/errors.ts'
import type { MessageKey } from '../../i18n/catalogue.ts'

/** Advice for each kind of failure; the error's own sentence says what happened. */
const ADVICE: Partial<Record<ErrorCode, MessageKey>> = {
  'not-supported': 'boot.advice.not-supported',
  exhausted: 'boot.advice.exhausted',
  unavailable: 'boot.advice.unavailable',
  corrupt: 'boot.advice.corrupt',
  internal: 'boot.advice.internal',
}

export function bootAdvice(error: EngineError): MessageKey | undefined {
  return ADVICE[error.code]
}
