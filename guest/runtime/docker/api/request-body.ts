/** Bodies of requests: JSON with a limit, or bytes as they come. Source of the rules: moby, api/server/httputils. */
import { EngineError } from '../../../protocol/errors.ts'
import { concatBytes } from '../../../vocabulary/concat-bytes.ts'
import type { ApiBody, ApiRequest } from './api-types.ts'
import { decodeJson, type GoType } from './json/go-type.ts'
import { GoSyntaxError, parseFirst, type JsonText } from './json/scan-json.ts'
import { checkMediaType } from './media-type.ts'

/** A create request with a whole seccomp profile is about 100 KB. */
export const MAXIMUM_JSON = 4 * 1024 * 1024

const invalid = (message: string, cause?: unknown) => new EngineError('invalid', message, {}, cause)

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

function parse(text: string): JsonText {
  try {
    return parseFirst(text)
  } catch (thrown) {
    if (thrown instanceof GoSyntaxError) throw invalid(`invalid JSON: ${thrown.message}`, thrown)
    throw thrown
  }
}

/** @param isAnnounced the request's head says that there is a body */
export function streamBody(chunks: AsyncIterable<Uint8Array>, isAnnounced: boolean): ApiBody {
  return {
    isAnnounced,
    json: async () => parse(new TextDecoder().decode(await collect(chunks, MAXIMUM_JSON))),
    bytes: () => chunks,
  }
}

/**
 * A body whose value is already parsed, from a caller in this process. Decoding copies the value, so services may keep
 * it.
 */
export function valueBody(value: unknown): ApiBody {
  return {
    isAnnounced: value !== undefined,
    json: () =>
      Promise.resolve(value === undefined ? { kind: 'empty' } : { kind: 'value', value, hasMore: false }),
    async *bytes() {
      yield new TextEncoder().encode(JSON.stringify(value))
    },
  }
}

/** Refuses a body that is not JSON; a request without a body needs no type (httputils.CheckForJSON). */
function checkForJson({ headers, body }: Pick<ApiRequest, 'headers' | 'body'>): void {
  const contentType = headers['content-type'] ?? ''
  if (contentType !== '' || body.isAnnounced) checkMediaType(contentType, 'application/json')
}

type JsonRequest = Pick<ApiRequest, 'headers' | 'body'>

async function decoded<T>({ body }: JsonRequest, type: GoType<T>): Promise<T | undefined> {
  const text = await body.json()
  if (text.kind === 'empty') return undefined
  let value: T
  try {
    value = decodeJson(type, text.value)
  } catch (thrown) {
    throw invalid(`invalid JSON: ${EngineError.from(thrown).message}`, thrown)
  }
  if (text.hasMore) throw invalid('unexpected content after JSON')
  return value
}

/**
 * Reads the body as a `type`; without a body, the type's zero value (httputils.ReadJSON).
 * @throws EngineError `invalid`, before any object of the request has been looked for
 */
export async function readJson<T>(request: JsonRequest, type: GoType<T>): Promise<T> {
  checkForJson(request)
  if (!request.body.isAnnounced) return type.zero()
  const value = await decoded(request, type)
  if (value === undefined) throw invalid('invalid JSON: got EOF while reading request body')
  return value
}

/** Like `readJson`, but undefined for an empty body, which some calls accept and others refuse. */
export async function readJsonOrNothing<T>(request: JsonRequest, type: GoType<T>): Promise<T | undefined> {
  checkForJson(request)
  return decoded(request, type)
}
