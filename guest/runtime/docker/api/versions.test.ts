/**
 * The answers that clients of older API versions get (moby, api/server/router): for each change, the answer to the
 * version just before it and to the first version that has it.
 */
import { describe, expect, it, test } from 'vitest'
import { testApi, type TestApi } from '../../testing/test-api.ts'
import { API_CHANGES, type ApiChange } from './api-changes.ts'
import type { Method } from './api-types.ts'
import { collectStream } from '../stream/collect-stream.ts'
import { Query } from './query.ts'
import { streamBody } from './request-body.ts'

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

type Values = Record<string, unknown>

interface Call {
  /** `GET /info?x=y`, without a version. */
  request: string
  body?: Values
}

async function call({ router }: TestApi, version: string, { request, body }: Call) {
  const [method = '', target = ''] = request.split(' ')
  const [path = '', query = ''] = target.split('?')
  const answer = await router.handle({
    method: method as Method,
    path: `/v${version}${path}`,
    query: Query.parse(query),
    headers: body ? { 'content-type': 'application/json' } : {},
    body: streamBody(bytesOf(JSON.stringify(body ?? {})), body !== undefined),
    signal: new AbortController().signal,
  })
  if (answer.kind === 'hijack') void answer.run(collectStream(0).stream)
  const value = answer.kind === 'json' ? answer.value : undefined
  return { status: answer.kind === 'hijack' ? 101 : answer.status, value }
}

const status = ({ status }: { status: number }): unknown => status
const field =
  (...names: string[]) =>
  ({ value }: { value: unknown }): unknown =>
    names.reduce<unknown>((inside, name) => (inside as Values)[name], value)
const keys =
  (...names: string[]) =>
  (answer: { value: unknown }): unknown =>
    names.filter((name) => name in (answer.value as Values))
const ofFirst =
  (name: string) =>
  ({ value }: { value: unknown }): unknown =>
    (value as Values[])[0]?.[name]

const OTHER = encodeURIComponent('{"os":"linux","architecture":"arm64"}')

type Case = [ApiChange, string, (answer: Awaited<ReturnType<typeof call>>) => unknown, unknown, unknown]

/** In each case a container `web` of busybox runs, with an annotation. */
const CASES: Case[] = [
  [
    'info-registry-config-short',
    'GET /info',
    (answer) => Object.keys(field('RegistryConfig')(answer) as Values).length,
    5,
    3,
  ],
  ['info-no-expected-commits', 'GET /info', field('RuncCommit'), { ID: '', Expected: '' }, { ID: '' }],
  [
    'info-no-bridge-nf',
    'GET /info',
    keys('BridgeNfIptables', 'BridgeNfIp6tables'),
    ['BridgeNfIptables', 'BridgeNfIp6tables'],
    [],
  ],
  ['info-firewall-backend', 'GET /info', field('FirewallBackend'), undefined, { Driver: 'nftables' }],
  [
    'info-security-options',
    'GET /info',
    field('SecurityOptions'),
    ['seccomp', 'cgroupns'],
    ['name=seccomp,profile=builtin', 'name=cgroupns'],
  ],
  [
    'list-annotations',
    'GET /containers/json',
    ofFirst('HostConfig'),
    { NetworkMode: 'bridge' },
    { NetworkMode: 'bridge', Annotations: { a: 'b' } },
  ],
  ['stats-one-shot', 'GET /containers/web/stats?one-shot=1', status, 200, 400],
  ['wait-condition', 'POST /containers/off/wait?condition=x', status, 200, 400],
  [
    'image-list-no-filter',
    'GET /images/json?filter=nosuch',
    ({ value }) => (value as unknown[]).length,
    0,
    1,
  ],
  ['image-list-shared-size', 'GET /images/json?shared-size=1', ofFirst('SharedSize'), -1, 0],
  ['image-list-containers', 'GET /images/json', ofFirst('Containers'), -1, 0],
  ['image-no-virtual-size', 'GET /images/json', ofFirst('VirtualSize'), 200, undefined],
  ['image-no-virtual-size', 'GET /images/busybox/json', field('VirtualSize'), 200, undefined],
  [
    'image-no-container',
    'GET /images/busybox/json',
    keys('Container', 'ContainerConfig'),
    ['Container', 'ContainerConfig'],
    [],
  ],
  ['image-config-omits-empty', 'GET /images/busybox/json', field('Config', 'Hostname'), '', undefined],
  ['image-inspect-platform', `GET /images/busybox/json?platform=${OTHER}`, status, 200, 404],
  ['image-history-platform', `GET /images/busybox/history?platform=${OTHER}`, status, 200, 404],
  // The engine of these tests has no bytes to save, so both fail.
  [
    'image-archive-platform',
    `GET /images/busybox/get?platform=${OTHER}`,
    (answer) => String(field('message')(answer)).startsWith('no suitable export target'),
    false,
    true,
  ],
  ['image-remove-platform', `DELETE /images/busybox?force=1&platforms=${OTHER}`, status, 200, 404],
  ['push-platform', `POST /images/busybox/push?platform=${OTHER}`, status, 200, 404],
  ['disk-usage-types', 'GET /system/df?type=bogus', status, 200, 400],
]

async function scene(): Promise<TestApi> {
  const api = testApi()
  await api.engine.create({}, 'off')
  api.engine.clock.advance(1)
  await api.engine.create({ HostConfig: { Annotations: { a: 'b' } } }, 'web')
  await call(api, '1.51', { request: 'POST /containers/web/start' })
  return api
}

const versionBefore = (version: string) => `1.${Number(version.split('.')[1]) - 1}`

describe('a client of before', () => {
  it.each(CASES)('%s: %s', async (change, request, shown, before, since) => {
    const version = API_CHANGES[change]
    const old = shown(await call(await scene(), versionBefore(version), { request }))
    const now = shown(await call(await scene(), version, { request }))
    expect([old, now]).toEqual([before, since])
  })

  it('update-pids-limit leaves the limit as it is', async () => {
    const api = await scene()
    const limit = () => api.engine.context.containers.find('off').record.hostConfig.PidsLimit
    const update = { request: 'POST /containers/off/update', body: { PidsLimit: 7 } }
    await call(api, '1.39', update)
    expect(limit()).toBeNull()
    expect(await call(api, '1.40', update)).toEqual({ status: 200, value: { Warnings: [] } })
    expect(limit()).toBe(7)
  })

  it('stop-signal is stopped with the container’s own signal', async () => {
    const api = await scene()
    const request = 'POST /containers/web/stop?signal=KILL'
    const stopped = call(api, '1.41', { request })
    const { id } = api.engine.context.containers.find('web')
    const first = api.engine.machine.process(id)
    await expect.poll(() => first.signals).toEqual([15])
    first.end()
    expect((await stopped).status).toBe(204)
    await call(api, '1.42', { request: 'POST /containers/web/start' })
    const second = api.engine.machine.process(id)
    await call(api, '1.42', { request })
    expect(second.signals).toEqual([9])
  })

  it('exec-console-size gets the usual terminal, later ones what they ask for at the start', async () => {
    const api = await scene()
    const sizes = []
    for (const version of ['1.41', '1.42']) {
      const body = { Cmd: ['sh'], Tty: true, AttachStdout: true, ConsoleSize: [1, 2] }
      const { value } = await call(api, version, { request: 'POST /containers/web/exec', body })
      const id = (value as { Id: string }).Id
      const start = { Tty: true, ConsoleSize: [17, 91] }
      await call(api, version, { request: `POST /exec/${id}/start`, body: start })
      await api.engine.context.execs.find(id).launched.promise
      const { shim, init } = api.engine.machine.process(id).plan
      sizes.push([...shim, ...init].find(({ op }) => op === 'open-pty'))
    }
    expect(sizes).toMatchObject([
      { columns: 80, rows: 24 },
      { columns: 91, rows: 17 },
    ])
  })
})

test('GET /networks/ is /networks; nothing else ends with a slash', async () => {
  const api = await scene()
  api.engine.context.networks.list = async () => []
  expect(await call(api, '1.51', { request: 'GET /networks/' })).toEqual({ status: 200, value: [] })
  expect((await call(api, '1.51', { request: 'GET /volumes/' })).status).toBe(404)
})
