// @vitest-environment ./test/support/client-environment.ts
import { describe, expect, test } from 'vitest'
import type {
  ContainerInspect,
  ContainerSummary,
  EngineEvent,
} from '../../../guest/protocol/api/engine-api.ts'
import { httpOverStreams } from '../../../test/support/http-over-streams.ts'
import { EngineClient } from '../client/engine-client.ts'
import { HttpTransport } from '../client/http-transport.ts'
import { ContainersState, limitsOf } from './containers-state.svelte.ts'

interface Stored {
  id: string
  state: string
  memory?: number
}

/** An engine that holds these containers and records what it was asked. */
function engineWith(...stored: Stored[]) {
  const containers = new Map(stored.map((container) => [container.id, container]))
  const asked: string[] = []
  const { open } = httpOverStreams((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.url!.startsWith('/containers/json'))
      return void response.end(JSON.stringify([...containers.values()].map(summary)))
    const container = containers.get(request.url!.split('/')[2]!.split('?')[0]!)
    if (!container) return void response.writeHead(404).end('{"message":"No such container"}')
    if (request.method === 'GET') return void response.end(JSON.stringify(inspect(container)))
    if (request.url!.endsWith('/pause'))
      return void response.writeHead(409).end('{"message":"Container x is already paused"}')
    response.writeHead(204).end()
  })
  return { containers, asked, state: new ContainersState(new EngineClient(new HttpTransport(open))) }
}

const summary = ({ id, state }: Stored): Partial<ContainerSummary> => ({
  Id: id,
  Names: [`/${id}`],
  Image: 'busybox',
  State: state as ContainerSummary['State'],
  Ports: [
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { PrivatePort: 53, Type: 'udp' },
  ],
})

const inspect = ({ memory = 0 }: Stored) => ({
  HostConfig: { Memory: memory, NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0, PidsLimit: null, CpusetCpus: '' },
  State: {
    ExitCode: 137,
    OOMKilled: true,
    StartedAt: '2026-01-01T00:00:00.123456789Z',
    FinishedAt: '0001-01-01T00:00:00Z',
  },
})

const event = (Action: string, ID: string): EngineEvent => ({
  Type: 'container',
  Action,
  Actor: { ID, Attributes: {} },
  scope: 'local',
  time: 0,
  timeNano: 0,
})

describe('the list', () => {
  test('comes with limits and exit codes, ports of both IP versions once', async () => {
    const { state } = engineWith({ id: 'a', state: 'running', memory: 1024 })
    await state.reload()
    expect(state.list).toMatchObject([
      {
        id: 'a',
        name: 'a',
        limits: { memory: 1024 },
        exitCode: 137,
        oomKilled: true,
        startedAt: 1767225600123,
        finishedAt: undefined,
      },
    ])
    expect(state.ports.map(({ port, containerPort }) => [port, containerPort])).toEqual([[8080, 80]])
    expect(state.running).toHaveLength(1)
  })

  test('follows events: a container that came is there, one that went is not', async () => {
    const { containers, state } = engineWith({ id: 'a', state: 'running' })
    await state.reload()
    containers.set('b', { id: 'b', state: 'created' })
    await state.onEvent(event('create', 'b'))
    expect(state.list.map(({ id }) => id)).toEqual(['a', 'b'])
    containers.delete('a')
    await state.onEvent(event('destroy', 'a'))
    expect(state.list.map(({ id }) => id)).toEqual(['b'])
  })

  test('details are read again only for the container that an event changed', async () => {
    const { containers, asked, state } = engineWith(
      { id: 'a', state: 'running' },
      { id: 'b', state: 'running' },
    )
    await state.reload()
    asked.length = 0
    containers.get('b')!.memory = 2048
    await state.onEvent(event('update', 'b'))
    expect(asked).toEqual(['GET /containers/json?all=true', 'GET /containers/b/json'])
    expect(state.byId('b')!.limits).toEqual({ memory: 2048 })
  })

  test('exec events ask nothing', async () => {
    const { asked, state } = engineWith({ id: 'a', state: 'running' })
    await state.onEvent(event('exec_create: sh', 'a'))
    expect(asked).toEqual([])
  })

  test('a burst of events costs two lists', async () => {
    const { asked, state } = engineWith({ id: 'a', state: 'running' })
    await Promise.all(
      ['create', 'attach', 'start', 'resize', 'die'].map((action) => state.onEvent(event(action, 'a'))),
    )
    expect(asked.filter((line) => line.startsWith('GET /containers/json'))).toHaveLength(2)
  })
})

describe('actions', () => {
  test("the engine's refusal is shown, and the button is free again", async () => {
    const { state } = engineWith({ id: 'a', state: 'paused' })
    await state.act('a', 'pause')
    expect(state.error?.message).toBe('Container x is already paused')
    expect(state.busy).toEqual({})
  })

  test('remove is a DELETE that takes anonymous volumes along, never by force', async () => {
    const { asked, state } = engineWith({ id: 'a', state: 'exited' })
    await state.act('a', 'remove')
    expect(asked).toEqual(['DELETE /containers/a?force=false&v=true'])
  })
})

test.each([
  [{ NanoCpus: 5e8 }, { cpus: 0.5 }],
  [{ CpuQuota: 20_000, CpuPeriod: 0 }, { cpus: 0.2 }],
  [{ CpuQuota: 50_000, CpuPeriod: 200_000 }, { cpus: 0.25 }],
  [{ PidsLimit: 10 }, { pids: 10 }],
  [{ PidsLimit: -1, CpuQuota: -1 }, {}],
  [{ CpusetCpus: '0' }, { cpuset: '0' }],
])('%j is the limit %j', (config, limits) => {
  const none = { Memory: 0, NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0, PidsLimit: null, CpusetCpus: '' }
  expect(limitsOf({ HostConfig: { ...none, ...config } as ContainerInspect['HostConfig'] })).toEqual(limits)
})
