/** Engine API 1.51, tag Image: the classic builder. Source of the rules: moby api/server/router/build/build_routes.go. */
import { withErrorLine } from '../error-line.ts'
import type { AuthConfig, JsonProgress } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { BuildOptions, BuildResources } from '../../build/build-options.ts'
import type { BuildService } from '../../build/build-service.ts'
import type { EventSink } from '../../events/event-bus.ts'
import { parsePlatform } from '../../../../vocabulary/platform.ts'
import { has } from '../api-changes.ts'
import { json, jsonLines, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'
import { ulimit } from '../bodies/container.ts'
import { authConfig } from '../bodies/others.ts'
import { parseError, parseInteger } from '../go-numbers.ts'
import { decodeJson, list, map, pointer, text, type GoType } from '../json/go-type.ts'
import { GoSyntaxError, parseWhole } from '../json/scan-json.ts'
import type { Query } from '../query.ts'

export interface BuildDeps {
  /** Loaded when the first build asks for it. */
  builds(): Promise<BuildService>
  publish: EventSink
}

export function buildRoutes(deps: BuildDeps): Route[] {
  return [
    { method: 'POST', pattern: '/build', handler: (request) => build(deps, request) },
    { method: 'POST', pattern: '/build/prune', handler: (request) => prune(deps, request) },
    { method: 'POST', pattern: '/build/cancel', handler: ({ query }) => cancel(query) },
  ]
}

const invalid = (message: string, thrown?: unknown) => new EngineError('invalid', message, {}, thrown)

function jsonParameter<T>(query: Query, name: string, what: string, type: GoType<T>): T {
  const asked = query.text(name)
  if (asked === '') return type.zero()
  try {
    return decodeJson(type, parseWhole(asked))
  } catch (thrown) {
    throw invalid(`${what}: ${(thrown as Error).message}`, thrown)
  }
}

/** Docker treats a value that is not a number as 0. */
function count(query: Query, name: string): number {
  const number = parseInteger(query.text(name))
  return 'value' in number ? number.value : 0
}

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
    shmSize: query.integer('shmsize', 'ParseInt') ?? 0,
    ulimits: jsonParameter(query, 'ulimits', 'error reading ulimit settings', list(ulimit)),
  }
}

/** Registries' credentials for base images; a header that can't be read counts as none, as for a pull. */
function authOf(header: string | undefined): Record<string, AuthConfig> {
  if (!header) return {}
  try {
    return decodeJson(map(authConfig), parseWhole(Buffer.from(header, 'base64url').toString()))
  } catch (thrown) {
    if (thrown instanceof GoSyntaxError || thrown instanceof EngineError) return {}
    throw thrown
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

/**
 * Checks a platform and returns its text as the client sent it, because the build's output names it so; '' is the
 * machine's own.
 */
function checkedPlatform(platform: string): string {
  if (platform !== '') parsePlatform(platform)
  return platform
}

export function buildOptions(request: Pick<ApiRequest, 'query' | 'headers' | 'version'>): BuildOptions {
  const { query, headers } = request
  refuseUnsupported(query)
  const args = jsonParameter(query, 'buildargs', 'error reading build args', map(pointer(text())))
  const forceRemove = query.flag('forcerm')
  return {
    dockerfile: query.text('dockerfile'),
    tags: [...query.all('t')],
    quiet: query.flag('q'),
    noCache: query.flag('nocache'),
    cacheFrom: jsonParameter(query, 'cachefrom', 'error reading cache-from', list(text())),
    remove: forceRemove || query.text('rm') === '' || query.flag('rm'),
    forceRemove,
    pull: query.flag('pull'),
    target: query.text('target'),
    buildArgs: new Map(Object.entries(args)),
    labels: jsonParameter(query, 'labels', 'error reading labels', map(text())),
    platform: has(request, 'build-platform') ? checkedPlatform(query.text('platform')) : '',
    remote: query.text('remote'),
    auth: authOf(headers['x-registry-config']),
    resources: resourcesOf(query),
  }
}

async function build({ builds }: BuildDeps, request: ApiRequest): Promise<ApiResponse> {
  const options = buildOptions(request)
  const service = await builds()
  const all = await withErrorLine(
    service.build({ options, body: request.body.bytes(), signal: request.signal }),
  )
  return jsonLines(has(request, 'build-aux') ? all : withoutAux(all))
}

async function* withoutAux(lines: AsyncGenerator<JsonProgress>): AsyncGenerator<JsonProgress> {
  for await (const line of lines) if (line.aux === undefined) yield line
}

/** Answers that nothing was removed: the classic builder's cache is its images, and there is no cache of BuildKit's. */
function prune({ publish }: BuildDeps, request: ApiRequest): ApiResponse {
  const { query } = request
  query.filters()
  const spaces = has(request, 'build-prune-space')
    ? ['reserved-space', 'keep-storage', 'max-used-space', 'min-free-space']
    : ['keep-storage']
  for (const name of spaces) {
    const asked = query.text(name)
    const number = asked === '' ? { value: 0 } : parseInteger(asked)
    if ('error' in number)
      throw invalid(
        `${name} is in bytes and expects an integer, got ${asked}: ${parseError('Atoi', asked, number.error)}`,
      )
  }
  publish('builder', 'prune', '', { reclaimed: '0' })
  return json({ CachesDeleted: null, SpaceReclaimed: 0 })
}

function cancel(query: Query): ApiResponse {
  if (query.text('id') === '') throw invalid('build ID not provided')
  return { kind: 'empty', status: 200 }
}
