import type { EngineRequest, EngineResponse } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError, type ErrorCode } from '../../../guest/protocol/errors.ts'

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

/** Docker's error body `{"message": …}` as EngineError with the code of its status; reads the body. */
export async function engineErrorFrom(
  response: EngineResponse,
  request: EngineRequest,
): Promise<EngineError> {
  const text = await readText(response.body, MAX_ERROR_BYTES)
  const fallback =
    text.trim() || `the engine answered ${response.status} to ${request.method} ${request.path}`
  const code = CODE_OF_STATUS[response.status] ?? 'internal'
  return new EngineError(code, messageIn(text) ?? fallback, { status: response.status, path: request.path })
}

function messageIn(text: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined // not JSON: the text itself is the message
  }
  const message =
    typeof parsed === 'object' && parsed !== null && 'message' in parsed ? parsed.message : undefined
  return typeof message === 'string' ? message : undefined
}

/** The whole body as text. Rejects with `too-large` beyond `limit` bytes. */
export async function readText(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw new EngineError('too-large', `the engine's answer is larger than ${limit} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
