import { describe, expect, it } from 'vitest'
import type { ImageRecord, PushProgress, SearchItem } from '../../../protocol/api/content.ts'
import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { credentialsOf } from '../api/registry-auth-header.ts'
import { withErrorLine } from '../api/error-line.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import { enginePaths } from '../../host/engine-paths.ts'
import { memoryContent } from '../../host/channel/memory-content.ts'
import { collect } from '../../testing/collect.ts'
import { ImageService } from './image-service.ts'
import { RegistryService } from './registry-service.ts'

const DIGEST = `sha256:${'d'.repeat(64)}` as const
const record: ImageRecord = {
  id: `sha256:${'1'.repeat(64)}`,
  manifestDigest: DIGEST,
  references: ['registry.local/ann/app:v2', 'registry.local/ann/app:v1', 'docker.io/library/app:latest'],
  config: { architecture: '386', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } },
  layers: [],
}

function service(overrides: Partial<ContentClient>) {
  const content = { ...memoryContent([record]), ...overrides }
  const events: string[] = []
  const publish = (type: string, action: string, id: string) => void events.push(`${type} ${action} ${id}`)
  const now = () => 0n
  const images = new ImageService({ content, paths: enginePaths(), publish, now, users: () => [] })
  return { registry: new RegistryService({ content, images, publish }), events }
}

const progress: PushProgress[] = [
  { id: 'aa', status: 'Preparing' },
  { id: 'aa', status: 'Pushing', current: 512, total: 1024 },
  { id: 'aa', status: 'Mounted from bob/app' },
]

function pushing() {
  const seen: unknown[] = []
  const { registry, events } = service({
    push(options, onProgress) {
      seen.push(options)
      progress.forEach(onProgress)
      return Promise.resolve({ digest: DIGEST, size: 528 })
    },
  })
  const push = async (name: string, tag: string): Promise<JsonProgress[]> =>
    collect(await withErrorLine(registry.push(name, tag, { username: 'ann', password: 'x' })))
  return { seen, events, push }
}

describe('docker push', () => {
  it('prints Docker’s lines for a tag, and says so to those who listen', async () => {
    const { seen, events, push } = pushing()
    expect(await push('registry.local/ann/app', 'v1')).toEqual([
      { status: 'The push refers to repository [registry.local/ann/app]' },
      { status: 'Preparing', progressDetail: {}, id: 'aa' },
      {
        status: 'Pushing',
        progressDetail: { current: 512, total: 1024 },
        progress: '[=========================>                         ]     512B/1.024kB',
        id: 'aa',
      },
      { status: 'Mounted from bob/app', progressDetail: {}, id: 'aa' },
      { status: `v1: digest: ${DIGEST} size: 528` },
      { progressDetail: {}, aux: { Tag: 'v1', Digest: DIGEST, Size: 528 } },
    ])
    expect(seen).toEqual([
      { reference: 'registry.local/ann/app:v1', auth: { username: 'ann', password: 'x' } },
    ])
    expect(events).toEqual(['image push registry.local/ann/app:v1'])
  })

  it('sends every tag of the repository when none is named', async () => {
    const { seen, push } = pushing()
    const lines = await push('registry.local/ann/app', '')
    expect(seen).toMatchObject([
      { reference: 'registry.local/ann/app:v1' },
      { reference: 'registry.local/ann/app:v2' },
    ])
    expect(lines.filter(({ aux }) => aux).map(({ aux }) => aux!['Tag'])).toEqual(['v1', 'v2'])
  })

  it.each([
    ['nothing', 'latest', 'An image does not exist locally with the tag: nothing'],
    ['app', 'v9', 'tag does not exist: app:v9'],
  ])('of %s:%s fails in the stream', async (name, tag, message) => {
    const lines = await pushing().push(name, tag)
    expect(lines.at(-1)).toEqual({ errorDetail: { message }, error: message })
  })

  it('reports the registry’s refusal behind what went well', async () => {
    const { registry } = service({
      push(_, onProgress) {
        onProgress(progress[0]!)
        return Promise.reject(
          new EngineError('forbidden', 'denied: requested access to the resource is denied'),
        )
      },
    })
    const lines = await collect(await withErrorLine(registry.push('app', 'latest', undefined)))
    expect(lines.map(({ status, error }) => status ?? error)).toEqual([
      'The push refers to repository [docker.io/library/app]',
      'Preparing',
      'denied: requested access to the resource is denied',
    ])
  })

  it('refuses a digest', async () => {
    await expect(pushing().push(`app@${DIGEST}`, '')).rejects.toThrow('cannot push a digest reference')
  })
})

describe('docker search', () => {
  const items: SearchItem[] = [
    { name: 'busybox', description: 'tools', official: true },
    { name: 'ann/busybox', description: '', official: false },
  ]
  const asked: string[] = []
  const { registry } = service({
    search(domain, term) {
      asked.push(`${domain} ${term}`)
      return Promise.resolve(items)
    },
  })

  it('asks the catalogue, or the registry that the term names', async () => {
    await registry.search('library/busybox', '', {})
    await registry.search('docker.io/library/busybox', '', {})
    await registry.search('registry.local/ann', '', {})
    expect(asked).toEqual(['docker.io library/busybox', 'docker.io busybox', 'registry.local ann'])
  })

  it('filters and limits', async () => {
    const names = async (limit: string, filters: Record<string, string[]>) =>
      (await registry.search('b', limit, filters)).map(({ name }) => name)
    expect(await names('1', {})).toEqual(['busybox'])
    expect(await names('', { 'is-official': ['false'] })).toEqual(['ann/busybox'])
    expect(await names('', { 'is-automated': ['true'] })).toEqual([])
    expect(await names('', { stars: ['1'] })).toEqual([])
    expect(await names('', { stars: ['0'] })).toHaveLength(2)
  })

  it.each([
    ['101', {}, 'b', 'limit 101 is outside the range of [1, 100]'],
    ['x', {}, 'b', 'strconv.Atoi: parsing "x": invalid syntax'],
    ['', { name: ['x'] }, 'b', "invalid filter 'name'"],
    ['', { stars: ['many'] }, 'b', "invalid filter 'stars=many'"],
    ['', {}, 'http://x/b', 'invalid repository name: repository name (http://x/b) should not have a scheme'],
  ])(
    'refuses limit %o, filters %o, term %s',
    async (limit, filters: Record<string, string[]>, term, message) => {
      await expect(registry.search(term, limit, filters)).rejects.toThrow(message)
    },
  )
})

describe('what docker manifest puts into registries', () => {
  const auth = { username: 'ann', password: 'x' }
  const seen: unknown[] = []
  const { registry } = service({
    putManifest(...call) {
      seen.push([...call.slice(0, 2), call[3]])
      return Promise.resolve({ digest: DIGEST })
    },
    mount(...call) {
      seen.push(call)
      return Promise.resolve({ mounted: true })
    },
  })

  it('is named whole, and goes with the credentials', async () => {
    const { signal } = new AbortController()
    await registry.putManifest('ann/list', 'a/type', noBytes(), auth, signal)
    await registry.putManifest(`registry.local/list@${DIGEST}`, 'a/type', noBytes(), undefined)
    await registry.mount('registry.local/list:v1', { digest: DIGEST, from: 'ann/app' }, auth, signal)
    expect(seen).toEqual([
      [{ reference: 'docker.io/ann/list:latest', auth }, 'a/type', signal],
      [{ reference: `registry.local/list@${DIGEST}` }, 'a/type', undefined],
      [{ reference: 'registry.local/list:v1', auth }, DIGEST, 'ann/app', signal],
    ])
  })

  it.each([
    ['Wrong', DIGEST, 'ann/app'],
    ['registry.local/list', 'sha256:short', 'ann/app'],
    ['registry.local/list', DIGEST, '../app'],
    ['registry.local/list', DIGEST, ''],
  ])('is no mount to %s of %s from %o', async (name, digest, from) => {
    await expect((async () => registry.mount(name, { digest, from }, undefined))()).rejects.toMatchObject({
      code: 'invalid',
    })
  })
})

async function* noBytes(): AsyncGenerator<Uint8Array> {}

describe('docker login', () => {
  it.each([
    ['https://index.docker.io/v1/', 'docker.io'],
    ['', 'docker.io'],
    ['http://localhost:5000/v2/', 'localhost:5000'],
    ['registry.local', 'registry.local'],
  ])('at %o asks %s', async (serveraddress, domain) => {
    const asked: unknown[] = []
    const { registry } = service({
      login(...call) {
        asked.push(call)
        return Promise.resolve({ identityToken: 'token' })
      },
    })
    const { signal } = new AbortController()
    const token = await registry.logIn({ username: 'ann', password: 'x', serveraddress }, signal)
    expect([token, asked]).toEqual(['token', [[domain, { username: 'ann', password: 'x' }, signal]]])
  })
})

describe('X-Registry-Auth', () => {
  const header = (value: unknown) => ({
    'x-registry-auth': Buffer.from(JSON.stringify(value)).toString('base64url'),
  })

  it.each([
    [{}, undefined],
    [null, undefined],
    [
      { username: 'ann', password: 'x' },
      { username: 'ann', password: 'x' },
    ],
    [
      { username: 'ann', identitytoken: 't' },
      { username: 'ann', identityToken: 't' },
    ],
    [{ registrytoken: 't' }, { registryToken: 't' }],
  ])('of %j is %j', (value, credentials) => {
    expect(credentialsOf(header(value))).toEqual(credentials)
  })

  it('that is no JSON counts as none, as dockerd has it', () => {
    expect(credentialsOf({ 'x-registry-auth': 'nonsense' })).toBeUndefined()
  })
})
