/** Typed calls of the Engine API over a transport, failing with the sentences that Docker's client prints. */
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import type {
  EngineRequest,
  EngineResponse,
  EngineTransport,
} from '../../../protocol/api/engine-transport.ts'
import { EngineError, HTTP_STATUS } from '../../../protocol/errors.ts'

/** A refusal by the engine. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** The engine's message without the client's prefix. */
  readonly reason: string

  constructor(status: number, message: string) {
    super(`Error response from daemon: ${message}`)
    this.status = status
    this.reason = message
  }
}

export const isNotFound = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.status === 404

type Options = Pick<EngineRequest, 'query' | 'headers'> & {
  json?: unknown
  bytes?: AsyncIterable<Uint8Array>
  /** The type of the bytes; a tar archive by default. */
  contentType?: string
}

const decoder = new TextDecoder()

export class EngineApi {
  readonly #transport: EngineTransport
  readonly #signal: AbortSignal

  /** @param signal ends every call, with its reason */
  constructor(transport: EngineTransport, signal: AbortSignal) {
    this.#transport = transport
    this.#signal = signal
  }

  #request(
    method: EngineRequest['method'],
    path: string,
    { query, headers, json, bytes, contentType = 'application/x-tar' }: Options,
  ): EngineRequest {
    const request: EngineRequest = { method, path, signal: this.#signal }
    if (query !== undefined) request.query = query
    if (headers !== undefined) request.headers = headers
    if (json !== undefined) request.body = { json }
    if (bytes !== undefined) request.body = { bytes, contentType }
    return request
  }

  /** Resolves with the response's head; its body streams. @throws ApiError for a status of 400 and above */
  async send(method: EngineRequest['method'], path: string, options: Options = {}): Promise<EngineResponse> {
    const response = await this.#transport.request(this.#request(method, path, options))
    if (response.status < 400) return response
    const text = await readText(response.body)
    throw new ApiError(response.status, errorMessage(text, response.status))
  }

  /** Calls as `send` does and discards the body, for calls that answer nothing of use. */
  async run(method: EngineRequest['method'], path: string, options: Options = {}): Promise<void> {
    await drain((await this.send(method, path, options)).body)
  }

  async json<T>(method: EngineRequest['method'], path: string, options: Options = {}): Promise<T> {
    return JSON.parse(await this.text(method, path, options)) as T
  }

  async text(method: EngineRequest['method'], path: string, options: Options = {}): Promise<string> {
    return readText((await this.send(method, path, options)).body)
  }

  /** A stream of JSON values, one a line. */
  async *values<T>(method: EngineRequest['method'], path: string, options: Options = {}): AsyncGenerator<T> {
    yield* jsonLines<T>((await this.send(method, path, options)).body)
  }

  /** Opens a hijacked connection. @throws ApiError */
  async upgrade(
    path: string,
    options: Options = {},
  ): Promise<{ headers: Record<string, string>; stream: ByteStream }> {
    try {
      return await this.#transport.upgrade(this.#request('POST', path, options))
    } catch (thrown) {
      const error = EngineError.from(thrown)
      throw new ApiError(HTTP_STATUS[error.code], error.message)
    }
  }
}

function errorMessage(text: string, status: number): string {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message).trim()
  } catch {
    // The answer is not JSON: its text is the message.
  }
  return text.trim() === '' ? `status ${status}` : text.trim()
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body);
}

/**
 * Ends a response that may not have been read. Only a generator that has begun runs its end, which frees what the
 * engine holds for the answer, such as the files of a container that must not start meanwhile.
 */
export async function letGo(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) break
}

export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
}

/** @param parse reads one line; JSON by default */
export async function* jsonLines<T>(
  body: AsyncIterable<Uint8Array>,
  parse: (line: string) => T = (line) => JSON.parse(line) as T,
): AsyncGenerator<T> {
  const utf8 = new TextDecoder()
  let pending = ''
  for await (const chunk of body) {
    pending += utf8.decode(chunk, { stream: true })
    const lines = pending.split('\n')
    pending = lines.pop()!
    for (const line of lines) if (line.trim() !== '') yield parse(line)
  }
  if (pending.trim() !== '') yield parse(pending)
}
