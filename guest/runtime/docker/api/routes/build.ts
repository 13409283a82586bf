/** Engine API 1.51, tag Image: the classic builder. Source of the rules: moby api/server/router/build/build_routes.go. */
import type { AuthConfig, JsonProgress, Ulimit } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { BuildOptions, BuildResources } from '../../build/build-options.ts'
import type { BuildService } from '../../build/build-service.ts'
import type { EventSink } from '../../events/event-bus.ts'
import { json, jsonLines, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'
import type { Query } from '../query.ts'

export interface BuildDeps {
  /** Loaded when the first build asks for it. */
  builds(): Promise<BuildService>
  publish: EventSink
}

export function buildRoutes(deps: BuildDeps): Route[] {
  return [
    { method: 'POST', pattern: '/build', handler: (request) => build(deps, request) },
    { method: 'POST', pattern: '/build/prune', handler: ({ query }) => prune(deps, query) },
    { method: 'POST', pattern: '/build/cancel', handler: ({ query }) => cancel(query) },
  ]
}

const invalid = (message: string, thrown?: unknown) => new EngineError('invalid', message, {}, thrown)

function jsonParameter<T>(query: Query, name: string, what: string, none: T): T {
  const text = query.text(name)
  if (text === '') return none
  try {
    return (JSON.parse(text) as T | null) ?? none
  } catch (thrown) {
    throw invalid(`${what}: ${(thrown as Error).message}`, thrown)
  }
}

/** As Docker: what is no number is none. */
const count = (query: Query, name: string) => Number.parseInt(query.text(name), 10) || 0

function resourcesOf(query: Query): BuildResources {
  return {
    memory: count(query, 'memory'),
    memorySwap: count(query, 'memswap'),
    cpuShares: count(query, 'cpushares'),
    cpuPeriod: count(query, 'cpuperiod'),
    cpuQuota: count(query, 'cpuquota'),
    cpusetCpus: query.text('cpusetcpus'),
    cpusetMems: query.text('cpusetmems'),
    cgroupParent: query.text('cgroupparent'),
    networkMode: query.text('networkmode'),
    extraHosts: query.all('extrahosts').flatMap((hosts) => hosts.split(',')),
    shmSize: query.integer('shmsize') ?? 0,
    ulimits: jsonParameter<Ulimit[]>(query, 'ulimits', 'error reading ulimit settings', []),
  }
}

/** Registries' credentials for base images; what can't be read counts as none, as for a pull. */
function authOf(header: string | undefined): Record<string, AuthConfig> {
  if (!header) return {}
  try {
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, AuthConfig>) ?? {}
  } catch {
    return {}
  }
}

function refuseUnsupported(query: Query): void {
  if (query.has('securityopt')) throw invalid('security options are not supported on linux')
  const version = query.text('version')
  if (version === '2')
    throw new EngineError(
      'not-supported',
      'BuildKit is not part of this engine: build with the classic builder (DOCKER_BUILDKIT=0)',
    )
  if (version !== '' && version !== '1') throw invalid(`invalid version "${version}"`)
  const isolation = query.text('isolation')
  if (!['', 'default'].includes(isolation)) throw invalid(`unsupported isolation: "${isolation}"`)
  if (query.flag('squash')) throw invalid('squash is only supported with experimental mode')
}

export function buildOptions({ query, headers }: Pick<ApiRequest, 'query' | 'headers'>): BuildOptions {
  refuseUnsupported(query)
  const args = jsonParameter<Record<string, string | null>>(
    query,
    'buildargs',
    'error reading build args',
    {},
  )
  const forceRemove = query.flag('forcerm')
  return {
    dockerfile: query.text('dockerfile'),
    tags: [...query.all('t')],
    quiet: query.flag('q'),
    noCache: query.flag('nocache'),
    cacheFrom: jsonParameter<string[]>(query, 'cachefrom', 'error reading cache-from', []),
    remove: forceRemove || query.text('rm') === '' || query.flag('rm'),
    forceRemove,
    pull: query.flag('pull'),
    target: query.text('target'),
    buildArgs: new Map(Object.entries(args)),
    labels: jsonParameter<Record<string, string>>(query, 'labels', 'error reading labels', {}),
    platform: query.text('platform'),
    remote: query.text('remote'),
    auth: authOf(headers['x-registry-config']),
    resources: resourcesOf(query),
  }
}

async function build({ builds }: BuildDeps, request: ApiRequest): Promise<ApiResponse> {
  const options = buildOptions(request)
  const service = await builds()
  const lines = service.build({ options, body: request.body.bytes(), signal: request.signal })
  // A failure before the first line is an error response; later it is a line of the stream.
  const first = await lines.next()
  return jsonLines(withErrorLine(first, lines))
}

async function* withErrorLine(
  first: IteratorResult<JsonProgress, void>,
  rest: AsyncGenerator<JsonProgress>,
): AsyncGenerator<JsonProgress> {
  try {
    if (first.done) return
    yield first.value
    yield* rest
  } catch (thrown) {
    const { message, details } = EngineError.from(thrown)
    const code = details['code']
    yield { errorDetail: { ...(typeof code === 'number' && { code }), message }, error: message }
  } finally {
    // A client that leaves between two lines ends the build.
    await rest.return(undefined)
  }
}

/** The classic builder's cache is its images: there is nothing of BuildKit's to remove. */
function prune({ publish }: BuildDeps, query: Query): ApiResponse {
  for (const name of ['reserved-space', 'keep-storage', 'max-used-space', 'min-free-space'])
    if (query.text(name) !== '' && !/^[+-]?\d+$/.test(query.text(name)))
      throw invalid(`${name} is in bytes and expects an integer, got ${query.text(name)}`)
  query.filters()
  publish('builder', 'prune', '', { reclaimed: '0' })
  return json({ CachesDeleted: null, SpaceReclaimed: 0 })
}

function cancel(query: Query): ApiResponse {
  if (query.text('id') === '') throw invalid('build ID not provided')
  return { kind: 'empty', status: 200 }
}
