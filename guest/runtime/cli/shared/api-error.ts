/** The engine's refusals in the words of Docker's client. */
import type { EngineTransport } from '../../../protocol/api/engine-transport.ts'
import { HTTP_STATUS, type EngineError } from '../../../protocol/errors.ts'
import { EngineApi } from '../../../vocabulary/engine-client/engine-api.ts'

/** A refusal by the engine. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** The engine's message without the client's prefix. */
  readonly reason: string

  constructor({ code, details, message }: EngineError) {
    super(`Error response from daemon: ${message}`)
    this.status = typeof details.status === 'number' ? details.status : HTTP_STATUS[code]
    this.reason = message
  }
}

export const isNotFound = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.status === 404

/** The engine for one command. @param signal ends every call, with its reason */
export const engineFor = (transport: EngineTransport, signal: AbortSignal): EngineApi =>
  new EngineApi(transport, { signal, refused: (error) => new ApiError(error) })
