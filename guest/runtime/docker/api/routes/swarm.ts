/**
 * Engine API 1.51, tags Swarm, Node, Service, Task, Secret and Config: what an engine that is in no swarm answers (moby,
 * api/server/router/swarm and daemon/cluster). There is nothing that a swarm could be made of here.
 */
import { parseGoBoolean } from '../../../../vocabulary/go-boolean.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { has } from '../api-changes.ts'
import type { ApiRequest, Method, Route } from '../api-types.ts'
import { parseError, parseUnsigned } from '../go-numbers.ts'
import { struct, text } from '../json/go-type.ts'
import { readJson } from '../request-body.ts'

const unavailable = (message: string) => new EngineError('unavailable', message)
const invalid = (message: string) => new EngineError('invalid', message)

const NO_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
const NO_SWARM = 'This node is not part of a swarm'
const NO_SWARM_HERE = 'swarm mode is not part of this engine: the guest is the only node there is'

/** The type of a body that is read but not used: only whether it is an object is checked. */
const anyObject = struct<Record<string, never>>('swarm.Spec', {})

interface Endpoint {
  method: Method
  pattern: string
  /** The checks that dockerd makes before it looks for a manager. */
  check?: (request: ApiRequest) => Promise<void> | void
  refusal?: EngineError
}

const checkFilters = ({ query }: ApiRequest): void => void query.filters()

const checkBody = async (request: ApiRequest): Promise<void> => void (await readJson(request, anyObject))

/** Checks the `version` of an update: the version of the object that the update is based on. */
const checkUpdate =
  (complaint: (version: string, why: string) => string) =>
  async (request: ApiRequest): Promise<void> => {
    await checkBody(request)
    const version = request.query.text('version')
    const number = parseUnsigned(version)
    if ('error' in number) throw invalid(complaint(version, parseError('ParseUint', version, number.error)))
  }

const versionOf = (what: string) =>
  checkUpdate((version, why) => `invalid ${what} version '${version}': ${why}`)

const checkFlag = (name: string) => (request: ApiRequest) => {
  const value = request.query.text(name)
  if (value !== '' && parseGoBoolean(value) === undefined)
    throw invalid(`invalid value for ${name}: ${value}: ${parseError('ParseBool', value, 'invalid syntax')}`)
}

const checkServices = (request: ApiRequest): void => {
  checkFilters(request)
  checkFlag('status')(request)
}

const checkLogs = ({ query }: ApiRequest): void => {
  if (!query.flag('stdout') && !query.flag('stderr'))
    throw new EngineError('invalid', 'Bad parameters: you must choose at least one stream')
}

/** The type of a secret's or a config's specification, as far as it is checked. */
const objectSpec = struct<{ Templating: Partial<{ Name: string }> }>('swarm.SecretSpec', {
  Templating: struct<{ Name: string }>('swarm.Driver', { Name: text() }),
})

const checkSpec =
  (what: string) =>
  async (request: ApiRequest): Promise<void> => {
    const spec = await readJson(request, objectSpec)
    if (spec.Templating && !has(request, 'swarm-templating'))
      throw invalid(`${what} templating is not supported on the specified API version: ${request.version}`)
  }

const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', pattern: '/swarm' },
  {
    ...{ method: 'POST', pattern: '/swarm/init', check: checkBody },
    refusal: new EngineError('not-supported', NO_SWARM_HERE),
  },
  {
    ...{ method: 'POST', pattern: '/swarm/join', check: checkBody },
    refusal: new EngineError('not-supported', NO_SWARM_HERE),
  },
  { method: 'POST', pattern: '/swarm/leave', refusal: unavailable(NO_SWARM) },
  { method: 'POST', pattern: '/swarm/update', check: versionOf('swarm') },
  { method: 'GET', pattern: '/swarm/unlockkey' },
  { method: 'POST', pattern: '/swarm/unlock', check: checkBody },
  { method: 'GET', pattern: '/services', check: checkServices },
  { method: 'POST', pattern: '/services/create', check: checkBody },
  { method: 'GET', pattern: '/services/{id}', check: checkFlag('insertDefaults') },
  { method: 'DELETE', pattern: '/services/{id}' },
  { method: 'POST', pattern: '/services/{id}/update', check: versionOf('service') },
  { method: 'GET', pattern: '/services/{id}/logs', check: checkLogs },
  { method: 'GET', pattern: '/nodes', check: checkFilters },
  { method: 'GET', pattern: '/nodes/{id}' },
  { method: 'DELETE', pattern: '/nodes/{id}' },
  { method: 'POST', pattern: '/nodes/{id}/update', check: versionOf('node') },
  { method: 'GET', pattern: '/tasks', check: checkFilters },
  { method: 'GET', pattern: '/tasks/{id}' },
  { method: 'GET', pattern: '/tasks/{id}/logs', check: checkLogs },
  {
    ...{ method: 'PUT', pattern: '/volumes/{name}' },
    refusal: unavailable('volume update only valid for cluster volumes, but swarm is unavailable'),
  },
  ...(['secret', 'config'] as const).flatMap((what): Endpoint[] => [
    { method: 'GET', pattern: `/${what}s`, check: checkFilters },
    { method: 'POST', pattern: `/${what}s/create`, check: checkSpec(what) },
    { method: 'GET', pattern: `/${what}s/{id}` },
    { method: 'DELETE', pattern: `/${what}s/{id}` },
    { method: 'POST', pattern: `/${what}s/{id}/update`, check: checkUpdate(() => `invalid ${what} version`) },
  ]),
]

export function swarmRoutes(): Route[] {
  return ENDPOINTS.map(({ method, pattern, check, refusal }) => ({
    method,
    pattern,
    handler: async (request) => {
      await check?.(request)
      throw refusal ?? unavailable(NO_MANAGER)
    },
  }))
}
