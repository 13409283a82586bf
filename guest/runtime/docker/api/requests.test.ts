import { describe, expect, it, test } from 'vitest'
import type { ContainerInspect, ContainerSummary } from '../../../protocol/api/engine-api.ts'
import { collect } from '../../testing/collect.ts'
import { testApi, type TestApi } from '../../testing/test-api.ts'
import { API_CHANGES, has, type ApiChange } from './api-changes.ts'
import { createByVersion } from './create-by-version.ts'
import { splitVersion } from './router.ts'
import { Query } from './query.ts'
import { streamBody } from './request-body.ts'
import type { Method } from './api-types.ts'

const encoder = new TextEncoder()

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield encoder.encode(text)
}

interface Sent {
  /** The body's text as it goes over the wire. */
  body?: string
  contentType?: string
}

/** Sends a request as HTTP brings it: `POST /v1.40/containers/create?name=x`. */
async function send({ router }: TestApi, request: string, { body, contentType }: Sent = {}) {
  const [method = '', target = ''] = request.split(' ')
  const [path = '', query = ''] = target.split('?')
  const type = contentType ?? (body === undefined ? undefined : 'application/json')
  const answer = await router.handle({
    method: method as Method,
    path,
    query: Query.parse(query),
    headers: type === undefined ? {} : { 'content-type': type },
    body: streamBody(bytesOf(body ?? ''), body !== undefined),
    signal: new AbortController().signal,
  })
  const value = answer.kind === 'json' ? answer.value : undefined
  const text = answer.kind === 'text' ? answer.text : undefined
  const status = answer.kind === 'hijack' ? 101 : answer.status
  return { answer, status, value, text, message: (value as { message?: string } | undefined)?.message }
}

/** Matches a whole sentence, or the beginning of one that has an id in it. */
const said = (message: string | RegExp): unknown =>
  typeof message === 'string' ? message : expect.stringMatching(message)

const create = (config: object, host: object = {}) =>
  JSON.stringify({ Image: 'busybox', ...config, HostConfig: host })

describe('a request that makes no sense is refused before its object is looked for', () => {
  const TEXT = { contentType: 'text/plain', body: '{}' }
  it.each([
    [
      'POST /containers/nope/exec',
      TEXT,
      "unsupported Content-Type header (text/plain): must be 'application/json'",
    ],
    [
      'POST /containers/nope/update',
      { contentType: 'application/json/x', body: '{}' },
      'malformed Content-Type header (application/json/x): mime: unexpected content after media subtype',
    ],
    [
      'POST /containers/create',
      { contentType: '', body: '{}' },
      'malformed Content-Type header (): mime: no media type',
    ],
    ...[
      'POST /containers/create',
      'POST /containers/nope/exec',
      'POST /containers/nope/update',
      'POST /exec/nope/start',
      'POST /networks/create',
      'POST /networks/nope/connect',
      'POST /networks/nope/disconnect',
      'POST /volumes/create',
      'POST /commit?container=nope',
      'POST /swarm/init',
    ].flatMap((request) => [
      [
        request,
        { body: '{invalid' },
        "invalid JSON: invalid character 'i' looking for beginning of object key string",
      ] as const,
      [request, { body: '{} trailing' }, 'unexpected content after JSON'] as const,
    ]),
    ['POST /networks/create', { body: ' ' }, 'invalid JSON: got EOF while reading request body'],
    ['POST /containers/create', { body: '{}' }, 'config cannot be empty in order to create a container'],
    ['POST /containers/create', { body: 'null' }, 'config cannot be empty in order to create a container'],
    [
      'POST /containers/create',
      { body: create({}, { Memory: '1g' }) },
      'invalid JSON: json: cannot unmarshal string into Go struct field HostConfig.HostConfig.Resources.Memory of type int64',
    ],
    ['POST /containers/nope/resize?h=&w=1', {}, 'invalid resize height "": invalid syntax'],
    ['POST /containers/nope/resize?h=1&w=-100', {}, 'invalid resize width "-100": value out of range'],
    ['POST /exec/nope/resize?h=x&w=1', {}, 'invalid resize height "x": invalid syntax'],
    ['GET /containers/nope/logs', {}, 'Bad parameters: you must choose at least one stream'],
    ['POST /containers/nope/wait?condition=x', {}, 'invalid condition: "x"'],
    [
      'GET /networks/bridge?verbose=x',
      {},
      'invalid value for verbose: x: strconv.ParseBool: parsing "x": invalid syntax',
    ],
  ] as [string, Sent, string][])('%s %j: %s', async (request, sent, message) => {
    const { status, message: answered } = await send(testApi(), request, sent)
    expect([status, answered]).toEqual([400, message])
  })

  test('a number that is none is a failure of the daemon’s own', async () => {
    const { status, message } = await send(testApi(), 'POST /containers/nope/stop?t=soon')
    expect([status, message]).toEqual([500, 'strconv.Atoi: parsing "soon": invalid syntax'])
  })

  test('a query is percent-encoded and has no semicolons', () => {
    expect(() => Query.parse('a=%zz')).toThrow('invalid URL escape "%zz"')
    expect(() => Query.parse('a=1;b=2')).toThrow('invalid semicolon separator in query')
  })
})

test.each([
  [
    'POST /images/busybox/tag?repo=sha256&tag=x',
    'refusing to create an ambiguous tag using digest algorithm as name',
  ],
])('%s is refused: %s', async (request, message) => {
  const answer = await send(testApi(), request)
  expect([answer.status, answer.message]).toEqual([400, message])
})

describe('dockerd puts words of its own before errors of', () => {
  it.each([
    ['POST /containers/nope/kill', 404, 'cannot kill container: nope: No such container: nope'],
    ['POST /containers/web/kill?signal=BOGUS', 400, 'cannot kill container: web: invalid signal: BOGUS'],
    ['POST /containers/web/kill', 409, /^cannot kill container: web: container \w{64} is not running$/],
    [
      'POST /containers/web/rename?name=other',
      409,
      /^Error when allocating new name: Conflict\. The container name "\/other" is already in use by container "\w{64}"\./,
    ],
    [
      'POST /containers/web/rename?name=a*',
      400,
      'Error when allocating new name: Invalid container name (/a*), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
    ],
    [
      'POST /containers/web/rename?name=web',
      400,
      'Renaming a container with the same name as its current name',
    ],
    ['POST /containers/web/rename', 400, 'Neither old nor new names may be empty'],
    ['POST /containers/up/stop?signal=BOGUS', 500, 'cannot stop container: up: invalid signal: BOGUS'],
    ['POST /containers/up/restart?signal=BOGUS', 500, 'Cannot restart container up: invalid signal: BOGUS'],
    ['GET /volumes?filters=x', 400, 'error reading volume filters: invalid filter'],
  ] as [string, number, string | RegExp][])('%s', async (request, status, message) => {
    const api = testApi()
    for (const name of ['web', 'other', 'up']) await api.engine.create({}, name)
    await send(api, 'POST /containers/up/start')
    const answer = await send(api, request)
    expect([answer.status, answer.message]).toEqual([status, said(message)])
  })
})

describe('an engine', () => {
  const NO_MANAGER =
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
  it.each([
    ['GET /swarm', 503, NO_MANAGER],
    ['POST /swarm/leave', 503, 'This node is not part of a swarm'],
    ['POST /swarm/init', 501, /^swarm mode is not part of this engine/],
    [
      'POST /swarm/update?version=x',
      400,
      `invalid swarm version 'x': strconv.ParseUint: parsing "x": invalid syntax`,
    ],
    ['GET /nodes', 503, NO_MANAGER],
    ['GET /services/x/logs?stdout=1', 503, NO_MANAGER],
    ['POST /services/create', 503, NO_MANAGER],
    ['GET /tasks/x', 503, NO_MANAGER],
    ['DELETE /secrets/x', 503, NO_MANAGER],
    ['POST /configs/x/update?version=1', 503, NO_MANAGER],
    [
      'PUT /volumes/x?version=1',
      503,
      'volume update only valid for cluster volumes, but swarm is unavailable',
    ],
    ['GET /plugins/x/json', 404, 'plugin "x" not found'],
    ['POST /plugins/a/b:1/enable?timeout=0', 404, 'plugin "a/b:1" not found'],
    ['DELETE /plugins/x', 404, 'plugin "x" not found'],
    ['POST /plugins/pull?remote=x', 501, /^plugins are not part of this engine/],
  ] as [string, number, string | RegExp][])(
    'in no swarm and without plugins answers %s with %i',
    async (request, status, message) => {
      const answer = await send(testApi(), request)
      expect([answer.status, answer.message]).toEqual([status, said(message)])
    },
  )

  test('lists its plugins: none', async () => {
    expect((await send(testApi(), 'GET /plugins')).value).toEqual([])
  })

  test('tells clients of before 1.24 in plain text that they are too old', async () => {
    const { status, text } = await send(testApi(), 'GET /v1.20/info')
    expect([status, text]).toEqual([400, expect.stringMatching(/^client version 1\.20 is too old/)])
  })
})

describe('creating a container', () => {
  const JOIN = { NetworkMode: 'container:web' }
  it.each([
    [{ Hostname: 'x' }, JOIN, 'conflicting options: hostname and the network mode'],
    [
      {},
      { ...JOIN, Links: ['web:a'] },
      "conflicting options: container type network can't be used with links. This would result in undefined behavior",
    ],
    [{}, { ...JOIN, Dns: ['10.0.0.1'] }, 'conflicting options: dns and the network mode'],
    [
      {},
      { ...JOIN, ExtraHosts: ['a:1.2.3.4'] },
      'conflicting options: custom host-to-IP mapping and the network mode',
    ],
    [
      {},
      { ...JOIN, PortBindings: { '80/tcp': [{ HostPort: '80' }] } },
      'conflicting options: port publishing and the container type network mode',
    ],
    [
      {},
      { ...JOIN, PublishAllPorts: true },
      'conflicting options: port publishing and the container type network mode',
    ],
    [
      { ExposedPorts: { '81/tcp': {} } },
      JOIN,
      'conflicting options: port exposing and the container type network mode',
    ],
    [{}, { NetworkMode: 'container:' }, 'invalid network mode: invalid container format container:<name|id>'],
    [{ Hostname: 'x' }, { UTSMode: 'host' }, 'conflicting options: hostname and the UTS mode'],
    [{}, { Isolation: 'hyperv' }, "invalid isolation (hyperv): linux only supports 'default'"],
    [{}, { Tmpfs: { t: '' } }, "invalid mount path: 't' mount path must be absolute"],
    [{}, { Tmpfs: { '.': '' } }, "invalid mount path: '.' mount path must be absolute"],
    [{}, { Tmpfs: { '/': '' } }, "invalid specification: destination can't be '/'"],
    [{}, { Tmpfs: { '//': '' } }, "invalid specification: destination can't be '/'"],
    [{}, { Tmpfs: { '/t': 'bogus=1' } }, 'invalid tmpfs option ["bogus" "1"]'],
    [
      {},
      { Annotations: { '': 'x' } },
      'invalid Annotations: the empty string is not permitted as an annotation key',
    ],
    [{}, { VolumesFrom: ['nobody'] }, 'No such container: nobody'],
    [{}, { PidMode: 'container:nobody' }, 'No such container: nobody'],
    [{}, { SecurityOpt: ['writable-cgroups=dang'] }, 'invalid --security-opt 2: "writable-cgroups=dang"'],
    [
      {},
      { Mounts: [{ Type: 'tmpfs', Target: '/t', BindOptions: {} }] },
      'BindOptions must not be specified on mount type "tmpfs"',
    ],
    [
      { Image: 'nope', WorkingDir: 'x' },
      {},
      "the working directory 'x' is invalid, it needs to be an absolute path",
    ],
  ])('of %j and %j is refused: %s', async (config, host, message) => {
    const api = testApi()
    await api.engine.create({}, 'web')
    const { status, message: answered } = await send(api, 'POST /containers/create', {
      body: create(config, host),
    })
    expect([status, answered]).toEqual([400, message])
  })

  test('for a platform that the image has not is like asking for an image that is not there', async () => {
    const { status, message } = await send(testApi(), 'POST /containers/create?platform=linux/arm64', {
      body: create({}),
    })
    expect([status, message]).toEqual([
      404,
      'image with reference busybox was found but its platform (linux/386) does not match the specified platform (linux/arm64)',
    ])
  })

  test('of a build for no platform is refused before anything is built', async () => {
    const { status, message } = await send(testApi(), 'POST /build?platform=foobar', {})
    expect([status, message]).toEqual([
      400,
      '"foobar": unknown operating system or architecture: invalid argument',
    ])
  })

  test('keeps what was given as Docker shows it', async () => {
    const api = testApi()
    const body = create(
      { WorkingDir: '/a/b/' },
      {
        MaskedPaths: ['/proc/keys', '/proc/kcore'],
        ReadonlyPaths: [],
        Annotations: { a: 'b' },
        PidsLimit: -1,
      },
    )
    await send(api, 'POST /containers/create?name=web', { body })
    const { value } = await send(api, 'GET /containers/web/json')
    const { Config, HostConfig } = value as ContainerInspect
    expect(Config.WorkingDir).toBe('/a/b')
    expect(HostConfig).toMatchObject({
      MaskedPaths: ['/proc/keys', '/proc/kcore'],
      ReadonlyPaths: [],
      PidsLimit: null,
    })
    const listed = await send(api, 'GET /containers/json?all=1')
    expect((listed.value as ContainerSummary[])[0]?.HostConfig.Annotations).toEqual({ a: 'b' })
  })
})

test.each([0, -1, -2])(
  'an update with a limit of %i processes means none, and is shown as 0',
  async (PidsLimit) => {
    const api = testApi()
    await api.engine.create({ HostConfig: { PidsLimit: 5 } }, 'web')
    await send(api, 'POST /containers/web/update', { body: JSON.stringify({ PidsLimit }) })
    expect(api.engine.context.containers.find('web').record.hostConfig.PidsLimit).toBe(0)
  },
)

test('exec/start frames its stream as its own Tty says, whatever the exec’s was', async () => {
  const api = testApi()
  const { id } = await api.engine.create({}, 'web')
  await send(api, `POST /containers/${id}/start`)
  const exec = '{"Cmd":["x"],"AttachStdout":true,"Tty":true}'
  const { value } = await send(api, 'POST /containers/web/exec', { body: exec })
  const { Id } = value as { Id: string }
  const { stream, headers } = await api.transport.upgrade({
    method: 'POST',
    path: `/exec/${Id}/start`,
    body: { json: { Tty: false } },
  })
  expect(headers['content-type']).toBe('application/vnd.docker.multiplexed-stream')
  await api.engine.context.execs.find(Id).launched.promise
  api.engine.machine.process(Id).print('out')
  expect((await stream.read())?.subarray(8)).toEqual(encoder.encode('out'))
  api.engine.machine.process(Id).end()
})

describe('the version that a client speaks', () => {
  test('stands in the path, or is the newest', () => {
    expect(splitVersion('/v1.40/info')).toEqual({ version: '1.40', path: '/info' })
    expect(splitVersion('/info')).toEqual({ version: '1.51', path: '/info' })
  })

  it.each(Object.entries(API_CHANGES) as [ApiChange, string][])('has %s since %s', (change, since) => {
    const before = `1.${Number(since.split('.')[1]) - 1}`
    expect([has({ version: before }, change), has({ version: since }, change)]).toEqual([false, true])
  })

  const host = (version: string, HostConfig: object) =>
    createByVersion({ HostConfig }, version).request.HostConfig
  const image = { Type: 'image', Source: 'x', Target: '/x' }
  const subpath = { Type: 'volume', Source: 'v', Target: '/x', VolumeOptions: { Subpath: 'a' } }
  const two = { NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } }

  test('decides what a create request means', () => {
    expect(host('1.39', {})).toMatchObject({ IpcMode: 'shareable' })
    expect(host('1.40', {})?.IpcMode).toBeUndefined()
    expect(host('1.42', { Annotations: { a: 'b' } })).not.toHaveProperty('Annotations')
    expect(host('1.41', { ConsoleSize: [1, 2] })).toMatchObject({ ConsoleSize: [0, 0] })
    expect(() => createByVersion(two, '1.43')).toThrow(
      'Container cannot be created with multiple network endpoints: a, b',
    )
    expect(createByVersion(two, '1.44').request.NetworkingConfig).toEqual(two.NetworkingConfig)
    expect(() => host('1.47', { Mounts: [image] })).toThrow('Mount type "Image" needs API v1.48 or newer')
    expect(() => host('1.44', { Mounts: [subpath] })).toThrow(
      'VolumeOptions.Subpath needs API v1.45 or newer',
    )
    expect(createByVersion({}, '1.43').readOnlyNonRecursive).toBe(true)
  })

  test('decides whose a MAC address is', () => {
    const asked = { MacAddress: '02:42:00:00:00:01' }
    const now = createByVersion(asked, '1.44')
    expect(now.request).toMatchObject({ NetworkingConfig: { EndpointsConfig: { bridge: asked } } })
    expect(now.request).not.toHaveProperty('MacAddress')
    expect(now.warnings).toEqual([
      'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.',
    ])
    expect(createByVersion(asked, '1.43')).toMatchObject({ request: asked, warnings: [] })
  })

  test('decides what a volume prune takes, and how a stream calls itself', async () => {
    const api = testApi()
    for (const request of ['POST /v1.41/volumes/prune', 'POST /v1.42/volumes/prune']) {
      await send(api, 'POST /volumes/create', { body: '{"Name":"named"}' })
      const { value } = await send(api, request)
      expect((value as { VolumesDeleted: string[] }).VolumesDeleted).toEqual(
        request.includes('1.41') ? ['named'] : [],
      )
    }
    await api.engine.create({}, 'web')
    const types = []
    for (const version of ['1.41', '1.42']) {
      const { answer } = await send(api, `GET /v${version}/containers/web/logs?stdout=1`)
      types.push('contentType' in answer && answer.contentType)
      if (answer.kind === 'stream') await collect(answer.bytes)
    }
    expect(types).toEqual(['application/vnd.docker.raw-stream', 'application/vnd.docker.multiplexed-stream'])
  })
})
