import { describe, expect, test } from 'vitest'
import { collect } from '../../../testing/collect.ts'
import type { BuildService } from '../../build/build-service.ts'
import { Query } from '../query.ts'
import { buildOptions, buildRoutes } from './build.ts'

const options = (query: string, headers: Record<string, string> = {}) =>
  buildOptions({ query: Query.parse(query), headers, version: '1.51' })

describe('the parameters of a build', () => {
  test('are Docker’s, with its defaults', () => {
    expect(options('')).toMatchObject({
      ...{ dockerfile: '', tags: [], quiet: false, noCache: false, remove: true, forceRemove: false },
      ...{ pull: false, target: '', labels: {}, cacheFrom: [], remote: '', auth: {} },
    })
  })

  test('are read from their strings and their JSON', () => {
    const json = (value: unknown) => encodeURIComponent(JSON.stringify(value))
    const query = `t=a&t=b:1&q=1&nocache=1&rm=0&pull=1&target=x&memory=4096&memswap=-1&shmsize=64&extrahosts=a:1&extrahosts=b:2&buildargs=${json({ A: '1', B: null })}&labels=${json({ l: 'x' })}&cachefrom=${json(['c'])}&ulimits=${json([{ Name: 'nofile', Soft: 1, Hard: 2 }])}`
    expect(options(query)).toMatchObject({
      ...{ tags: ['a', 'b:1'], quiet: true, noCache: true, remove: false, pull: true, target: 'x' },
      buildArgs: new Map([
        ['A', '1'],
        ['B', null],
      ]),
      ...{ labels: { l: 'x' }, cacheFrom: ['c'] },
      resources: {
        ...{ memory: 4096, memorySwap: -1, shmSize: 64, extraHosts: ['a:1', 'b:2'] },
        ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      },
    })
  })

  test('of removal: forced counts in any case', () => {
    expect(options('rm=0&forcerm=1')).toMatchObject({ remove: true, forceRemove: true })
  })

  test('of registries come in a header; one that cannot be read counts for none', () => {
    const auth = { 'registry.local': { username: 'a', password: 'b' } }
    const header = Buffer.from(JSON.stringify(auth)).toString('base64url')
    expect(options('', { 'x-registry-config': header }).auth).toEqual(auth)
    expect(options('', { 'x-registry-config': 'no base64 of JSON' }).auth).toEqual({})
  })

  test.each([
    ['squash=1', 'squash is only supported with experimental mode'],
    ['securityopt=x', 'security options are not supported on linux'],
    ['isolation=hyperv', 'unsupported isolation: "hyperv"'],
    ['version=3', 'invalid version "3"'],
    ['version=2', 'BuildKit is not part of this engine: build with the classic builder (DOCKER_BUILDKIT=0)'],
    ['buildargs={', 'error reading build args: '],
    ['labels=[', 'error reading labels: '],
  ])('%s: %s', (query, message) => expect(() => options(query)).toThrow(message))
})

test.each([
  ['1.29', []],
  ['1.30', [{ ID: 'sha256:1' }]],
])('clients of %s get %j of the image’s id by itself', async (version, ids) => {
  async function* lines() {
    yield { stream: 'Step 1/1' }
    yield { aux: { ID: 'sha256:1' } }
  }
  const builds = () => Promise.resolve({ build: lines } as unknown as BuildService)
  const { handler } = buildRoutes({ builds, publish: () => undefined }).find(
    ({ pattern }) => pattern === '/build',
  )!
  const body = { bytes: () => undefined }
  const request = { query: Query.parse(''), headers: {}, version, body } as unknown
  const answer = await handler(request as Parameters<typeof handler>[0], {})
  expect.assert(answer.kind === 'stream')
  const text = Buffer.concat(await collect(answer.bytes)).toString()
  const sent = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { aux?: unknown })
  expect(sent.flatMap(({ aux }) => aux ?? [])).toEqual(ids)
})

test('a prune frees nothing, says so, and is an event', async () => {
  const events: unknown[] = []
  const routes = buildRoutes({
    builds: () => Promise.reject(new Error('no build was asked for')),
    publish: (...event) => void events.push(event),
  })
  const { handler } = routes.find(({ pattern }) => pattern === '/build/prune')!
  const request = (query: string) =>
    ({ query: Query.parse(query), version: '1.51' }) as Parameters<typeof handler>[0]
  expect(await handler(request(''), {})).toMatchObject({ value: { CachesDeleted: null, SpaceReclaimed: 0 } })
  expect(events).toEqual([['builder', 'prune', '', { reclaimed: '0' }]])
  expect(() => handler(request('keep-storage=much'), {})).toThrow(
    'is in bytes and expects an integer, got much',
  )
})
