/** Bodies of requests: JSON with a limit, or bytes as they come. */
import { EngineError } from '../../../protocol/errors.ts'
import { concatBytes } from '../../../vocabulary/concat-bytes.ts'
import type { ApiBody } from './api-types.ts'

/** A create request with a whole seccomp profile is about 100 KB. */
export const MAXIMUM_JSON = 4 * 1024 * 1024

async function collect(chunks: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > limit)
      throw new EngineError('too-large', `the request's body is larger than ${limit} bytes`, { limit })
    parts.push(chunk)
  }
  return concatBytes(parts)
}

function parse(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new EngineError('invalid', `invalid JSON: ${(thrown as Error).message}`, {}, thrown)
  }
}

export function streamBody(chunks: AsyncIterable<Uint8Array>): ApiBody {
  return {
    json: async () => parse(new TextDecoder().decode(await collect(chunks, MAXIMUM_JSON))),
    bytes: () => chunks,
  }
}

/** A value that is already parsed, from a caller in this process. It is copied: services keep what they get. */
export function valueBody(value: unknown): ApiBody {
  return {
    json: () => Promise.resolve(value === undefined ? undefined : structuredClone(value)),
    async *bytes() {
      yield new TextEncoder().encode(JSON.stringify(value))
    },
  }
}

/** The body as an object; Docker's words for everything else. */
export async function jsonObject<T extends object>(body: ApiBody): Promise<T> {
  const value = await body.json()
  if (value === undefined)
    throw new EngineError('invalid', 'invalid JSON: got EOF while reading request body')
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new EngineError('invalid', 'invalid JSON: the body must be an object')
  return value as T
}

/** As jsonObject; an empty body is an empty object. */
export async function optionalJsonObject<T extends object>(body: ApiBody): Promise<Partial<T>> {
  const value = await body.json()
  return value === undefined || value === null
    ? {}
    : jsonObject<T>({ ...body, json: () => Promise.resolve(value) })
}
