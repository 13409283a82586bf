/** Refusals of the engine: Docker's error body `{"message": …}` and its status as an EngineError. */
import type { EngineRequest, EngineResponse } from '../../protocol/api/engine-transport.ts'
import { EngineError, type ErrorCode } from '../../protocol/errors.ts'
import { isRecord } from '../../protocol/wire/is-record.ts'
import { readText } from './body.ts'

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  304: 'not-modified',
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-large',
  501: 'not-supported',
  503: 'unavailable',
  507: 'exhausted',
}

/** Longer than any sentence of an error: a longer body is refused. */
const MAX_ERROR_BYTES = 64 << 10

/** Reads the body. The error has the code of the status; its details have the status and the path. */
export async function engineErrorFrom(
  response: EngineResponse,
  request: Pick<EngineRequest, 'method' | 'path'>,
): Promise<EngineError> {
  const text = await readText(response.body, MAX_ERROR_BYTES)
  const message =
    messageIn(text)?.trim() ||
    text.trim() ||
    `the engine answered ${response.status} to ${request.method} ${request.path}`
  const code = CODE_OF_STATUS[response.status] ?? 'internal'
  return new EngineError(code, message, { status: response.status, path: request.path })
}

function messageIn(text: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined // not JSON: the text itself is the message
  }
  return isRecord(parsed) && typeof parsed.message === 'string' ? parsed.message : undefined
}
