/**
 * Requests and answers of a registry as plain data, so that one handler serves the page's own pulls and pushes, channel
 * streams and Node servers. Header names are in lower case.
 */
export interface RegistryRequest {
  method: string
  /** Path and query: `/v2/ann/app/tags/list?n=10`. */
  url: string
  headers: Readonly<Record<string, string>>
  body: AsyncIterable<Uint8Array>
}

export interface RegistryResponse {
  status: number
  headers: Record<string, string>
  /** Has the length that `content-length` says for a 200 and a 206. */
  body: AsyncIterable<Uint8Array>
}

/** Never rejects: every failure is an answer. */
export type RegistryHandler = (request: RegistryRequest) => Promise<RegistryResponse>

export function answer(
  status: number,
  headers: Record<string, string> = {},
  body: Uint8Array | AsyncIterable<Uint8Array> = new Uint8Array(),
): RegistryResponse {
  if (!(body instanceof Uint8Array)) return { status, headers, body }
  // Neither status has content of its own: https://www.rfc-editor.org/rfc/rfc9110#section-8.6
  const empty = status === 204 || status === 304
  const length: Record<string, string> = empty ? {} : { 'content-length': String(body.length) }
  return { status, headers: { ...length, ...headers }, body: once(body) }
}

export function answerJson(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): RegistryResponse {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  return answer(status, { 'content-type': 'application/json', ...headers }, bytes)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
