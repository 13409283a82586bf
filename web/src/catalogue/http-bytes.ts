/** HTTP bodies as async iterables, ranges, and the errors of a download. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import type { BlobStream } from './image-source.ts'

export type Fetch = typeof fetch

/**
 * The body's chunks; rejects with EngineError `unavailable` naming `what` when the connection breaks, and with the reason
 * itself when the fetch was aborted.
 */
export async function* bodyChunks(response: Response, what: string): AsyncGenerator<Uint8Array> {
  if (response.body === null) return
  const reader = response.body.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw new EngineError(
      'unavailable',
      `the download of ${what} broke off; pull again to go on from there`,
      {},
      error,
    )
  } finally {
    // Frees the connection when the reader of the generator stops early; harmless at the end.
    reader.cancel().catch(() => undefined)
  }
}

export function rangeHeader(offset: number): Record<string, string> {
  return offset === 0 ? {} : { Range: `bytes=${offset}-` }
}

/** RFC 9110 §15.3.7: 206 says where it starts; anything else is the whole. */
export function rangedBody(response: Response, what: string): BlobStream {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
  const start = response.status === 206 && range !== null ? Number(range[1]) : 0
  return { start, bytes: bodyChunks(response, what) }
}

/** The whole body, refused beyond `limit` bytes. */
export async function limitedBody(response: Response, limit: number, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of bodyChunks(response, what)) {
    size += part.length
    if (size > limit) throw new EngineError('too-large', `${what} is larger than ${limit} bytes`)
    parts.push(part)
  }
  return concatBytes(parts)
}
