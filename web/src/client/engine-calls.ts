import type {
  EngineRequest,
  EngineResponse,
  EngineTransport,
} from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { engineErrorFrom, readText } from './engine-error.ts'
import { jsonLines } from './json-lines.ts'

/** The page's panels need no larger answers than this. */
const MAX_JSON_BYTES = 32 << 20

/** What every group of calls needs: a request whose bad answers become EngineErrors, and its body in one of three forms. */
export class EngineCalls {
  readonly transport: EngineTransport

  constructor(transport: EngineTransport) {
    this.transport = transport
  }

  /** Resolves with a 2xx answer; anything else rejects with the engine's EngineError. */
  async raw(request: EngineRequest): Promise<EngineResponse> {
    const response = await this.transport.request(request)
    if (response.status >= 200 && response.status < 300) return response
    throw await engineErrorFrom(response, request)
  }

  /** Trusts the answer to have the shape of guest/protocol/api, which the engine's contract suite checks. */
  async json<Answer>(request: EngineRequest): Promise<Answer> {
    const response = await this.raw(request)
    const text = await readText(response.body, MAX_JSON_BYTES)
    try {
      return JSON.parse(text) as Answer
    } catch (cause) {
      const message = `the engine's answer to ${request.method} ${request.path} is not JSON`
      throw new EngineError('corrupt', message, { answer: text.slice(0, 200) }, cause)
    }
  }

  /** Makes a call whose answer matters only for its success. */
  async done(request: EngineRequest): Promise<void> {
    const response = await this.raw(request)
    await readText(response.body, MAX_JSON_BYTES)
  }

  /** Calls as `done` does; an object that is already in the state asked for (304) counts as success. */
  async settled(request: EngineRequest): Promise<void> {
    try {
      await this.done(request)
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'not-modified')) throw error
    }
  }

  /** Resolves once the engine has begun to answer; yields the JSON value of each line. */
  async stream<Line>(request: EngineRequest): Promise<AsyncGenerator<Line>> {
    const response = await this.raw(request)
    return jsonLines(response.body) as AsyncGenerator<Line>
  }

  async *lines<Line>(request: EngineRequest): AsyncGenerator<Line> {
    yield* await this.stream<Line>(request)
  }
}

/** Escapes a path segment, except slashes and colons of image names, which Docker's routes take literally. */
export function imagePath(reference: string): string {
  return reference.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':').replaceAll('%40', '@')
}
