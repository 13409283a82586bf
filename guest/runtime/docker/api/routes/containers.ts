/** Engine API 1.51, tag Container: the calls for a container's life and for listing. */
import type { ContainerWaitResponse } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { WAIT_CONDITIONS, type Container } from '../../state/container.ts'
import { containerChanges } from '../../inspect/container-changes.ts'
import { statsOnce, streamStats } from '../../inspect/container-stats.ts'
import { containerTop } from '../../inspect/container-top.ts'
import type { EngineContext } from '../../state/context.ts'
import { containerSize, inspectContainer } from '../../inspect/inspect-container.ts'
import { removeLink } from '../../container/remove-link.ts'
import { listContainers } from '../../inspect/list-containers.ts'
import { shortId } from '../../state/ids.ts'
import { pauseContainer, unpauseContainer } from '../../container/pause-container.ts'
import { pruneContainers } from '../../container/prune-containers.ts'
import { removeContainer } from '../../container/remove-container.ts'
import { parseSignal } from '../../../task/signals.ts'
import { startContainer } from '../../container/start-container.ts'
import { killContainer, restartContainer, stopContainer } from '../../container/stop-container.ts'
import { renameContainer, resizeContainer, updateContainer } from '../../container/update-container.ts'
import { has } from '../api-changes.ts'
import {
  json,
  jsonLines,
  noContent,
  type ApiRequest,
  type ApiResponse,
  type Method,
  type Route,
} from '../api-types.ts'
import { updateRequest } from '../bodies/container.ts'
import type { Query } from '../query.ts'
import { readJson } from '../request-body.ts'
import { create } from './container-create.ts'

/**
 * A handler that gets `find` instead of the container, and `name`, what the client called the container by. It checks
 * its request before it calls `find`, so that a request that makes no sense is refused as such whether or not there is
 * a container.
 */
type OnContainer = (
  find: () => Container,
  request: ApiRequest,
  name: string,
) => Promise<ApiResponse> | ApiResponse

export function containerRoutes(context: EngineContext): Route[] {
  const on = (method: Method, pattern: string, handle: OnContainer): Route => ({
    method,
    pattern: `/containers/{id*}${pattern}`,
    handler: (request, { id }) => handle(() => context.containers.find(id!), request, id!),
  })
  const does = (
    pattern: string,
    action: (find: () => Container, request: ApiRequest, name: string) => Promise<void>,
  ) =>
    on('POST', pattern, async (find, request, name) => {
      await action(find, request, name)
      return noContent()
    })
  return [
    { method: 'GET', pattern: '/containers/json', handler: (request) => list(context, request) },
    { method: 'POST', pattern: '/containers/create', handler: (request) => create(context, request) },
    {
      method: 'POST',
      pattern: '/containers/prune',
      handler: async ({ query }) => json(await pruneContainers(context, query.filters())),
    },
    on('GET', '/json', (find, request) => inspect(context, find(), request)),
    on('GET', '/top', async (find, { query }) =>
      json(await containerTop(context, find(), query.text('ps_args'))),
    ),
    on('GET', '/changes', async (find) => {
      const changes = await containerChanges(context, find())
      return json(changes.length > 0 ? changes : null)
    }),
    on('GET', '/stats', (find, request) => stats(context, find, request)),
    does('/start', start),
    does('/stop', (find, request, name) => {
      const options = stopOptions(request)
      return stopContainer(context, find(), options, name)
    }),
    does('/restart', (find, request, name) => {
      const options = stopOptions(request)
      return restartContainer(context, find(), options, name)
    }),
    does('/kill', (find, { query }, name) => kill(find, query.text('signal'), name)),
    does('/pause', (find) => pauseContainer(context, find())),
    does('/unpause', (find) => unpauseContainer(context, find())),
    does('/rename', async (find, { query }) => {
      const name = query.text('name')
      if (name === '') throw new EngineError('invalid', 'Neither old nor new names may be empty')
      await renameContainer(context, find(), name)
    }),
    on('POST', '/resize', async (find, { query }) => {
      const size = query.size()
      await resizeContainer(find(), size)
      return { kind: 'empty', status: 200 }
    }),
    on('POST', '/update', (find, request) => update(context, find, request)),
    on('POST', '/wait', wait),
    on('DELETE', '', async (find, { query }, name) => {
      await remove(context, find, query, name)
      return noContent()
    }),
  ]

  /** Puts the route's words before every error, also before that of a container that is not there. */
  async function kill(find: () => Container, signal: string, name: string): Promise<void> {
    try {
      if (signal !== '') parseSignal(signal)
      await killContainer(context, find(), signal || undefined, name)
    } catch (thrown) {
      throw EngineError.wrap(`cannot kill container: ${name}`, thrown)
    }
  }

  function start(find: () => Container, { query, headers }: ApiRequest): Promise<void> {
    // A body of at most seven bytes counts as empty; a body without a length may hold anything.
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 7)
      throw new EngineError(
        'invalid',
        'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
      )
    if (query.text('checkpoint') !== '')
      throw new EngineError('invalid', 'checkpoint is only supported in experimental mode')
    return startContainer(context, find())
  }
}

async function list(context: EngineContext, request: ApiRequest): Promise<ApiResponse> {
  const { query } = request
  const filters = query.filters()
  const containers = await listContainers(context, {
    all: query.flag('all'),
    size: query.flag('size'),
    limit: query.integer('limit') ?? 0,
    filters,
  })
  if (has(request, 'list-annotations')) return json(containers)
  return json(
    containers.map(({ HostConfig: { NetworkMode }, ...rest }) => ({ ...rest, HostConfig: { NetworkMode } })),
  )
}

const isUserDefined = (network: string) => !['default', 'bridge', 'host', 'none'].includes(network)

async function inspect(
  context: EngineContext,
  container: Container,
  request: ApiRequest,
): Promise<ApiResponse> {
  const size = request.query.flag('size') ? await containerSize(context, container) : {}
  const answer = { ...inspectContainer(context, container), ...size }
  if (has(request, 'inspect-plain-aliases')) return json(answer)
  const Networks = Object.fromEntries(
    Object.entries(answer.NetworkSettings.Networks).map(([name, endpoint]) => {
      if (!isUserDefined(name)) return [name, endpoint]
      const own = [shortId(container.id), answer.Config.Hostname]
      return [name, { ...endpoint, Aliases: [...new Set([...(endpoint.Aliases ?? []), ...own])] }]
    }),
  )
  return json({ ...answer, NetworkSettings: { ...answer.NetworkSettings, Networks } })
}

async function update(
  context: EngineContext,
  find: () => Container,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { PidsLimit, ...changes } = await readJson(request, updateRequest)
  const asked = {
    ...changes,
    // Docker takes every number that is not positive for no limit, and shows it as 0.
    ...(PidsLimit !== undefined &&
      PidsLimit !== null &&
      has(request, 'update-pids-limit') && { PidsLimit: Math.max(PidsLimit, 0) }),
  }
  return json({ Warnings: await updateContainer(context, find, asked) })
}

function stopOptions(request: ApiRequest) {
  const { query } = request
  const signal = has(request, 'stop-signal') ? query.text('signal') : ''
  const timeout = query.integer('t')
  return { ...(signal && { signal }), ...(timeout !== undefined && { timeout }) }
}

async function stats(
  context: EngineContext,
  find: () => Container,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { query, signal } = request
  const [stream, oneShot] = [
    query.flag('stream', true),
    has(request, 'stats-one-shot') && query.flag('one-shot'),
  ]
  const container = find()
  if (stream && oneShot) throw new EngineError('invalid', 'cannot have stream=true and one-shot=true')
  if (stream) return jsonLines(streamStats(context, container, signal))
  return json(await statsOnce(context, container, oneShot))
}

/** Answers with its head at once: clients start the container only when they have the head. */
async function wait(find: () => Container, request: ApiRequest): Promise<ApiResponse> {
  const { signal } = request
  if (!has(request, 'wait-condition')) return json(await find().wait('not-running', signal))
  const text = request.query.text('condition') || 'not-running'
  const condition = WAIT_CONDITIONS.find((known) => known === text)
  if (!condition)
    throw new EngineError('invalid', `invalid condition: ${JSON.stringify(text)}`, { condition: text })
  const waiting = find().wait(condition, signal)
  // A client that has left reads no answer, so the rejection that its leaving caused is dropped.
  const result = waiting.catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  // Clients of before the change know no error of a removal: they get an empty answer instead.
  const hidesError = condition === 'removed' && !has(request, 'wait-removal-error')
  return jsonLines(once(result, hidesError))
}

async function* once(
  result: Promise<ContainerWaitResponse | void>,
  hidesError: boolean,
): AsyncGenerator<ContainerWaitResponse> {
  const answer = await result
  if (answer && !(hidesError && answer.Error)) yield answer
}

async function remove(
  context: EngineContext,
  find: () => Container,
  query: Query,
  calledBy: string,
): Promise<void> {
  if (query.flag('link')) return removeLink(context, calledBy)
  const [force, volumes] = [query.flag('force'), query.flag('v')]
  await removeContainer(context, find(), { force, volumes, calledBy })
}
