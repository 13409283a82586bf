/** The route table: method and path → handler, with Docker's version prefixes and error bodies. */
import { API_VERSION, MINIMUM_API_VERSION } from '../../../protocol/api/engine-api.ts'
import { EngineError, HTTP_STATUS } from '../../../protocol/errors.ts'
import { compareVersions } from './api-changes.ts'
import type { ApiHeaders, ApiRequest, ApiResponse, PathValues, Route, SentRequest } from './api-types.ts'

interface CompiledRoute extends Route {
  /** What stands before and after all of the pattern's names: most paths are told apart by these. */
  head: string
  tail: string
  expression: RegExp
}

/** Headers of every response. */
export const COMMON_HEADERS: ApiHeaders = {
  'api-version': API_VERSION,
  'docker-experimental': 'false',
  ostype: 'linux',
  server: 'Porthole/0.1.0 (linux)',
}

function compile(route: Route): CompiledRoute {
  const source = route.pattern.replace(/\{(\w+)(\*?)\}/g, (_, name: string, deep: string) =>
    deep ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  )
  const [head = ''] = route.pattern.split('{', 1)
  const tail = route.pattern.slice(route.pattern.lastIndexOf('}') + 1)
  return { ...route, head, tail, expression: new RegExp(`^${source}$`) }
}

/** Splits `/v1.45/info` into its version and its path; without a version, the newest is spoken. */
export function splitVersion(path: string): { version: string; path: string } {
  const match = /^\/v([\d.]+)(\/.*)$/.exec(path)
  return match ? { version: match[1]!, path: match[2]! } : { version: API_VERSION, path }
}

/** Throws for a version that this engine does not speak. */
function checkVersion(version: string): void {
  if (version === API_VERSION) return
  if (compareVersions(API_VERSION, version) < 0)
    throw new EngineError(
      'invalid',
      `client version ${version} is too new. Maximum supported API version is ${API_VERSION}`,
    )
  if (isTooOld(version))
    throw new EngineError(
      'invalid',
      `client version ${version} is too old. Minimum supported API version is ${MINIMUM_API_VERSION}, please upgrade your client to a newer version`,
    )
}

const isTooOld = (version: string) => compareVersions(version, MINIMUM_API_VERSION) < 0

/** An error's message as plain text: clients of old versions show the body as it is (moby, api/server/server.go). */
function plainError(thrown: unknown): ApiResponse {
  const { code, message } = EngineError.from(thrown)
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return { kind: 'text', status: HTTP_STATUS[code], text: `${message}\n`, headers }
}

/** An error as the response that Docker gives; 304 has no body. */
export function errorResponse(thrown: unknown, errorType?: string): ApiResponse {
  const { code, message } = EngineError.from(thrown)
  const status = HTTP_STATUS[code]
  if (status === 304) return { kind: 'empty', status }
  if (errorType === undefined) return { kind: 'json', status, value: { message } }
  return { kind: 'text', status, text: `${message}\r\n`, headers: { 'content-type': errorType } }
}

/** Decodes percent signs after the path is matched, so that an encoded slash belongs to a name. */
function decoded(groups: Record<string, string>): PathValues {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    )
  } catch (thrown) {
    throw new EngineError('invalid', 'the path is not well percent-encoded', groups, thrown)
  }
}

/** A request that asks the one it is made of, whose signal may be made only when somebody wants it. */
const versioned = (sent: SentRequest, path: string, version: string): ApiRequest =>
  Object.assign(Object.create(sent) as SentRequest, { path, version })

export class Router {
  readonly #routes = new Map<string, CompiledRoute[]>()
  readonly #onInternal: (request: SentRequest, error: EngineError) => void

  /** @param onInternal is told of failures that are the engine's own */
  constructor(routes: Route[], onInternal: (request: SentRequest, error: EngineError) => void) {
    this.#onInternal = onInternal
    for (const route of routes) {
      const key = `${route.method} ${route.pattern.split('/')[1]}`
      this.#routes.set(key, [...(this.#routes.get(key) ?? []), compile(route)])
    }
  }

  /** Never rejects. */
  async handle(request: SentRequest): Promise<ApiResponse> {
    let errorType: string | undefined
    try {
      const matched = this.#match(request)
      errorType = matched.route.errorType
      return await matched.route.handler(matched.request, matched.values)
    } catch (thrown) {
      if (isTooOld(splitVersion(request.path).version)) return plainError(thrown)
      const error = EngineError.from(thrown)
      if (error.code === 'internal' || error.code === 'corrupt') this.#onInternal(request, error)
      return errorResponse(error, errorType)
    }
  }

  /** Like `handle`, but rejects with the failure. */
  async dispatch(sent: SentRequest): Promise<ApiResponse> {
    const { route, request, values } = this.#match(sent)
    return route.handler(request, values)
  }

  #match(sent: SentRequest): { route: Route; request: ApiRequest; values: PathValues } {
    const { version, path } = splitVersion(sent.path)
    checkVersion(version)
    for (const route of this.#routes.get(`${sent.method} ${path.split('/')[1]}`) ?? []) {
      if (!path.startsWith(route.head) || !path.endsWith(route.tail)) continue
      const match = route.expression.exec(path)
      if (match)
        return { route, request: versioned(sent, path, version), values: decoded(match.groups ?? {}) }
    }
    throw new EngineError('not-found', 'page not found', { path })
  }
}
