/** The route table: method and path → handler, with Docker's version prefixes and error bodies. */
import { API_VERSION, MINIMUM_API_VERSION } from '../../../protocol/api/engine-api.ts'
import { EngineError, HTTP_STATUS } from '../../../protocol/errors.ts'
import type { ApiHeaders, ApiRequest, ApiResponse, PathValues, Route } from './api-types.ts'

interface CompiledRoute extends Route {
  expression: RegExp
}

/** Sent with every response. */
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
  return { ...route, expression: new RegExp(`^${source}$`) }
}

const numbers = (version: string) => version.split('.').map(Number) as [number, number]

function isLess(a: string, b: string): boolean {
  const [[aMajor, aMinor], [bMajor, bMinor]] = [numbers(a), numbers(b)]
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor)
}

/** `/v1.45/info` → `/info`. Throws for versions that are not spoken. */
export function stripVersion(path: string): string {
  const match = /^\/v(\d+\.\d+)(\/.*)$/.exec(path)
  if (!match) return path
  const [, version = '', rest = ''] = match
  if (isLess(API_VERSION, version))
    throw new EngineError(
      'invalid',
      `client version ${version} is too new. Maximum supported API version is ${API_VERSION}`,
    )
  if (isLess(version, MINIMUM_API_VERSION))
    throw new EngineError(
      'invalid',
      `client version ${version} is too old. Minimum supported API version is ${MINIMUM_API_VERSION}, please upgrade your client to a newer version`,
    )
  return rest
}

/** An error as the response that Docker gives; 304 has no body. */
export function errorResponse(thrown: unknown, errorType?: string): ApiResponse {
  const { code, message } = EngineError.from(thrown)
  const status = HTTP_STATUS[code]
  if (status === 304) return { kind: 'empty', status }
  if (errorType === undefined) return { kind: 'json', status, value: { message } }
  return { kind: 'text', status, text: `${message}\r\n`, headers: { 'content-type': errorType } }
}

/** Values of the path are percent-decoded after matching: an encoded slash belongs to a name. */
function decoded(groups: Record<string, string>): PathValues {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    )
  } catch (thrown) {
    throw new EngineError('invalid', 'the path is not well percent-encoded', groups, thrown)
  }
}

export class Router {
  readonly #routes = new Map<string, CompiledRoute[]>()
  readonly #onInternal: (request: ApiRequest, error: EngineError) => void

  /** @param onInternal is told of failures that are the engine's own */
  constructor(routes: Route[], onInternal: (request: ApiRequest, error: EngineError) => void) {
    this.#onInternal = onInternal
    for (const route of routes) {
      const key = `${route.method} ${route.pattern.split('/')[1]}`
      this.#routes.set(key, [...(this.#routes.get(key) ?? []), compile(route)])
    }
  }

  /** Never rejects. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    let errorType: string | undefined
    try {
      const { route, path, values } = this.#match(request)
      errorType = route.errorType
      return await route.handler({ ...request, path }, values)
    } catch (thrown) {
      const error = EngineError.from(thrown)
      if (error.code === 'internal' || error.code === 'corrupt') this.#onInternal(request, error)
      return errorResponse(error, errorType)
    }
  }

  /** As handle, but failures reject. */
  async dispatch(request: ApiRequest): Promise<ApiResponse> {
    const { route, path, values } = this.#match(request)
    return route.handler({ ...request, path }, values)
  }

  #match(request: ApiRequest): { route: Route; path: string; values: PathValues } {
    const path = stripVersion(request.path)
    for (const route of this.#routes.get(`${request.method} ${path.split('/')[1]}`) ?? []) {
      const match = route.expression.exec(path)
      if (match) return { route, path, values: decoded(match.groups ?? {}) }
    }
    throw new EngineError('not-found', 'page not found', { path })
  }
}
