/** Engine API 1.51, tag Container: life and listing. */
import type {
  ContainerCreateRequest,
  ContainerUpdateRequest,
  ContainerWaitResponse,
} from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { WAIT_CONDITIONS, type Container, type WaitCondition } from '../../state/container.ts'
import { containerChanges } from '../../inspect/container-changes.ts'
import { statsOnce, streamStats } from '../../inspect/container-stats.ts'
import { containerTop } from '../../inspect/container-top.ts'
import type { EngineContext } from '../../state/context.ts'
import { createContainer } from '../../container/create-container.ts'
import { containerSize, inspectContainer } from '../../inspect/inspect-container.ts'
import { removeLink } from '../../container/remove-link.ts'
import { listContainers } from '../../inspect/list-containers.ts'
import { pauseContainer, unpauseContainer } from '../../container/pause-container.ts'
import { pruneContainers } from '../../container/prune-containers.ts'
import { removeContainer } from '../../container/remove-container.ts'
import { startContainer } from '../../container/start-container.ts'
import { killContainer, restartContainer, stopContainer } from '../../container/stop-container.ts'
import { renameContainer, resizeContainer, updateContainer } from '../../container/update-container.ts'
import {
  json,
  jsonLines,
  noContent,
  type ApiRequest,
  type ApiResponse,
  type Method,
  type Route,
} from '../api-types.ts'
import type { Query } from '../query.ts'
import { jsonObject } from '../request-body.ts'

/** `name`: what the client called the container by. */
type OnContainer = (
  container: Container,
  request: ApiRequest,
  name: string,
) => Promise<ApiResponse> | ApiResponse

export function containerRoutes(context: EngineContext): Route[] {
  const on = (method: Method, pattern: string, handle: OnContainer): Route => ({
    method,
    pattern: `/containers/{id*}${pattern}`,
    handler: (request, { id }) => handle(context.containers.find(id!), request, id!),
  })
  const does = (
    pattern: string,
    action: (container: Container, query: Query, name: string) => Promise<void>,
  ) =>
    on('POST', pattern, async (container, { query }, name) => {
      await action(container, query, name)
      return noContent()
    })
  return [
    { method: 'GET', pattern: '/containers/json', handler: ({ query }) => list(context, query) },
    { method: 'POST', pattern: '/containers/create', handler: (request) => create(context, request) },
    {
      method: 'POST',
      pattern: '/containers/prune',
      handler: async ({ query }) => json(await pruneContainers(context, query.filters())),
    },
    on('GET', '/json', async (container, { query }) => {
      const size = query.flag('size') ? await containerSize(context, container) : {}
      return json({ ...inspectContainer(context, container), ...size })
    }),
    on('GET', '/top', async (container, { query }) =>
      json(await containerTop(context, container, query.text('ps_args'))),
    ),
    on('GET', '/changes', async (container) => {
      const changes = await containerChanges(context, container)
      return json(changes.length > 0 ? changes : null)
    }),
    on('GET', '/stats', (container, request) => stats(context, container, request)),
    does('/start', (container, query) => {
      if (query.text('checkpoint') !== '')
        throw new EngineError('invalid', 'checkpoint is only supported in experimental mode')
      return startContainer(context, container)
    }),
    does('/stop', (container, query) => stopContainer(context, container, stopOptions(query))),
    does('/restart', (container, query, name) =>
      restartContainer(context, container, stopOptions(query), name),
    ),
    does('/kill', (container, query, name) =>
      killContainer(context, container, query.text('signal') || undefined, name),
    ),
    does('/pause', (container) => pauseContainer(context, container)),
    does('/unpause', (container) => unpauseContainer(context, container)),
    does('/rename', (container, query) => renameContainer(context, container, query.text('name'))),
    on('POST', '/resize', async (container, { query }) => {
      await resizeContainer(container, query.size())
      return { kind: 'empty', status: 200 }
    }),
    on('POST', '/update', async (container, { body }) => {
      const request = await jsonObject<ContainerUpdateRequest>(body)
      return json({ Warnings: await updateContainer(context, container, request) })
    }),
    on('POST', '/wait', wait),
    on('DELETE', '', async (container, { query }, name) => {
      await remove(context, container, query, name)
      return noContent()
    }),
  ]
}

async function list(context: EngineContext, query: Query): Promise<ApiResponse> {
  return json(
    await listContainers(context, {
      all: query.flag('all'),
      size: query.flag('size'),
      limit: query.integer('limit') ?? 0,
      filters: query.filters(),
    }),
  )
}

async function create(context: EngineContext, { body, query }: ApiRequest): Promise<ApiResponse> {
  const request = await jsonObject<ContainerCreateRequest>(body)
  return json(await createContainer(context, request, query.text('name') || undefined), 201)
}

function stopOptions(query: Query) {
  const timeout = query.integer('t')
  const signal = query.text('signal')
  return { ...(signal && { signal }), ...(timeout !== undefined && { timeout }) }
}

async function stats(
  context: EngineContext,
  container: Container,
  { query, signal }: ApiRequest,
): Promise<ApiResponse> {
  const [stream, oneShot] = [query.flag('stream', true), query.flag('one-shot')]
  if (stream && oneShot) throw new EngineError('invalid', 'cannot have stream=true and one-shot=true')
  if (stream) return jsonLines(streamStats(context, container, signal))
  return json(await statsOnce(context, container, oneShot))
}

/** The head goes out at once: clients start the container only when they have it. */
function wait(container: Container, { query }: ApiRequest): ApiResponse {
  const condition = (query.text('condition') || 'not-running') as WaitCondition
  if (!WAIT_CONDITIONS.includes(condition))
    throw new EngineError('invalid', `invalid condition: "${condition}"`, { condition })
  const result = container.wait(condition)
  return jsonLines(once(result))
}

async function* once(result: Promise<ContainerWaitResponse>): AsyncGenerator<ContainerWaitResponse> {
  yield await result
}

async function remove(
  context: EngineContext,
  container: Container,
  query: Query,
  calledBy: string,
): Promise<void> {
  if (query.flag('link')) return removeLink(context, calledBy)
  const [force, volumes] = [query.flag('force'), query.flag('v')]
  await removeContainer(context, container, { force, volumes, calledBy })
}
