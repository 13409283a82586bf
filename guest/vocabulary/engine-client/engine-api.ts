/** The Engine API as its callers use it, the command lines and the page: calls over any transport, with typed answers. */
import type {
  EngineRequest,
  EngineResponse,
  EngineTransport,
  Upgraded,
} from '../../protocol/api/engine-transport.ts'
import { EngineError } from '../../protocol/errors.ts'
import type { AnswerTo, JsonAnswers, PathOf, StreamAnswers } from './answers.ts'
import { parseJson } from '../json.ts'
import { drain, linesOf, readText } from './body.ts'
import { engineErrorFrom } from './refusal.ts'

type Method = EngineRequest['method']

export type CallOptions = Pick<EngineRequest, 'query' | 'headers' | 'signal' | 'direct'> & {
  /** The body of the request: a JSON value, or bytes. */
  json?: unknown
  bytes?: AsyncIterable<Uint8Array>
  /** The type of the bytes; a tar archive by default. */
  contentType?: string
}

export interface EngineApiOptions {
  /** Ends every call that has no signal of its own, with its reason. */
  signal?: AbortSignal
  /** What is thrown when the engine refuses a call; the EngineError itself by default. */
  refused?: (error: EngineError) => Error
}

export class EngineApi {
  readonly #transport: EngineTransport
  readonly #signal: AbortSignal | undefined
  readonly #refused: (error: EngineError) => Error

  constructor(transport: EngineTransport, { signal, refused = (error) => error }: EngineApiOptions = {}) {
    this.#transport = transport
    this.#signal = signal
    this.#refused = refused
  }

  #request(method: Method, path: string, options: CallOptions): EngineRequest {
    const { query, headers, signal = this.#signal, json, bytes, contentType = 'application/x-tar' } = options
    const request: EngineRequest = { method, path }
    if (signal !== undefined) request.signal = signal
    if (query !== undefined) request.query = query
    if (headers !== undefined) request.headers = headers
    if (json !== undefined) request.body = { json }
    if (bytes !== undefined) request.body = { bytes, contentType }
    return request
  }

  /**
   * Resolves with the response's head; its body streams. An object that is already in the state asked for (304) counts as
   * success. Rejects when the engine refuses.
   */
  async send(method: Method, path: string, options: CallOptions = {}): Promise<EngineResponse> {
    const response = await this.#transport.request(this.#request(method, path, options))
    if (response.status < 400) return response
    throw this.#refused(await engineErrorFrom(response, { method, path }))
  }

  /** Calls as `send` does and discards the body, for calls that answer nothing of use. */
  async run(method: Method, path: string, options: CallOptions = {}): Promise<void> {
    const { body, text } = await this.send(method, path, options)
    if (text === undefined) await drain(body)
  }

  async text(method: Method, path: string, options: CallOptions = {}): Promise<string> {
    const { body, text } = await this.send(method, path, options)
    return text?.() ?? readText(body)
  }

  async json<M extends Method, Path extends PathOf<JsonAnswers, M>>(
    method: M,
    path: Path,
    options: CallOptions = {},
  ): Promise<AnswerTo<JsonAnswers, M, Path>> {
    return (await this.begin(method, path, options)).answer()
  }

  /** Resolves once the engine has begun to answer, with how to read the answer. */
  async begin<M extends Method, Path extends PathOf<JsonAnswers, M>>(
    method: M,
    path: Path,
    options: CallOptions = {},
  ): Promise<{ answer: () => Promise<AnswerTo<JsonAnswers, M, Path>> }> {
    const { body, text } = await this.send(method, path, options)
    const what = `the engine's answer to ${method} ${path}`
    return {
      // The table of answers says what the engine sends; the contract suite checks that it does.
      answer: async () =>
        parseJson(text?.() ?? (await readText(body)), what) as AnswerTo<JsonAnswers, M, Path>,
    }
  }

  /** Resolves once the engine has begun to answer; yields the value of each line. */
  async stream<M extends Method, Path extends PathOf<StreamAnswers, M>>(
    method: M,
    path: Path,
    options: CallOptions = {},
  ): Promise<AsyncGenerator<AnswerTo<StreamAnswers, M, Path>>> {
    return valuesOf(await this.rawStream(method, path, options))
  }

  /** Yields the value of each line. */
  async *values<M extends Method, Path extends PathOf<StreamAnswers, M>>(
    method: M,
    path: Path,
    options: CallOptions = {},
  ): AsyncGenerator<AnswerTo<StreamAnswers, M, Path>> {
    yield* await this.stream(method, path, options)
  }

  /** As `stream`, with the text of each line: a number in it may have more digits than JavaScript's hold. */
  async rawStream<M extends Method, Path extends PathOf<StreamAnswers, M>>(
    method: M,
    path: Path,
    options: CallOptions = {},
  ): Promise<AsyncGenerator<{ value: AnswerTo<StreamAnswers, M, Path>; text: string }>> {
    return parsedLines((await this.send(method, path, options)).body)
  }

  /** Opens a hijacked connection. Rejects when the engine refuses. */
  async upgrade(path: string, options: CallOptions = {}): Promise<Upgraded> {
    const request = this.#request('POST', path, options)
    if (options.direct !== undefined) request.direct = options.direct
    try {
      return await this.#transport.upgrade(request)
    } catch (thrown) {
      throw thrown instanceof EngineError ? this.#refused(thrown) : thrown
    }
  }
}

async function* parsedLines<Value>(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ value: Value; text: string }> {
  // The table of answers says what the engine sends; the contract suite checks that it does.
  for await (const text of linesOf(body))
    yield { value: parseJson(text, 'a line of the engine') as Value, text }
}

async function* valuesOf<Value>(lines: AsyncIterable<{ value: Value }>): AsyncGenerator<Value> {
  for await (const { value } of lines) yield value
}
