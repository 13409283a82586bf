/**
 * The error vocabulary shared by the engine, the machine and the page.
 *
 * One class, one code list, one table to HTTP. An error crosses the channel and the worker boundary whole
 * (`toJSON`/`fromJSON`), so a reader at the far end still knows which code, which details and which cause.
 */
export const ERROR_CODES = [
  'invalid', // the request is malformed or contradicts itself
  'unauthorized',
  'forbidden',
  'not-found',
  'conflict', // the object is in a state that does not allow the action
  'not-modified', // the object is already in the state asked for
  'too-large',
  'not-supported', // cannot exist here; the message says why
  'unavailable', // the peer, worker, network or store is gone or not ready
  'corrupt', // a digest, a frame or a file is not what it claims to be
  'exhausted', // memory, disk, quota, address pool
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** Docker's status codes: https://docs.docker.com/reference/api/engine/ (Errors). */
export const HTTP_STATUS = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'not-modified': 304,
  'too-large': 413,
  'not-supported': 501,
  unavailable: 503,
  corrupt: 500,
  exhausted: 507,
  internal: 500,
} as const satisfies Record<ErrorCode, number>

export interface SerializedError {
  code: ErrorCode
  message: string
  details?: Record<string, unknown>
  cause?: SerializedError
}

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: ErrorCode
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  /** Anything thrown, as an EngineError; a stranger becomes `internal` and stays reachable as `cause`. */
  static from(thrown: unknown): EngineError {
    if (thrown instanceof EngineError) return thrown
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    return new EngineError('internal', message, {}, thrown)
  }

  /**
   * Puts what failed in front of the reason: `cannot kill container: web: no such process`. The code stays, unless the
   * call answers every failure with `code`.
   */
  static wrap(what: string, thrown: unknown, code?: ErrorCode): EngineError {
    const error = EngineError.from(thrown)
    return new EngineError(code ?? error.code, `${what}: ${error.message}`, error.details, thrown)
  }

  static fromJSON(json: SerializedError): EngineError {
    const cause = json.cause === undefined ? undefined : EngineError.fromJSON(json.cause)
    return new EngineError(json.code, json.message, json.details ?? {}, cause)
  }

  toJSON(): SerializedError {
    return { code: this.code, message: this.message, details: this.details, ...causeOf(this) }
  }
}

/**
 * What was looked up, or undefined when there is no such thing: `not-found`, or `invalid` for a name that nothing can
 * have. Rejects with any other failure.
 */
export async function ifKnown<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup
  } catch (thrown) {
    const error = EngineError.from(thrown)
    if (error.code === 'not-found' || error.code === 'invalid') return undefined
    throw error
  }
}

function causeOf({ cause }: Error): Pick<SerializedError, 'cause'> {
  return cause === undefined ? {} : { cause: serializeCause(cause) }
}

/** Writes what is no EngineError as itself: `EngineError.from` would make it its own cause, without end. */
function serializeCause(thrown: unknown): SerializedError {
  if (thrown instanceof EngineError) return thrown.toJSON()
  if (!(thrown instanceof Error)) return { code: 'internal', message: String(thrown) }
  return { code: 'internal', message: thrown.message, ...causeOf(thrown) }
}
