import { describe, expect, test } from 'vitest'
import type { EngineRequest, EngineTransport } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import { readTar } from '../../../guest/vocabulary/tar/read-tar.ts'
import { packTar } from '../../../guest/vocabulary/tar/write-tar.ts'
import { translate } from '../i18n/catalogue.ts'
import { takenCommands } from './readme.ts'
import type { TakePlan } from './take-plan.ts'
import { takenArchive } from './taken-archive.ts'

const text = (content: string) => new TextEncoder().encode(content)
const image = { id: 'sha256:1', reference: 'nginx:latest', isNew: false, platform: 'linux/386', size: 1 }
const PLAN: TakePlan = {
  ...{ project: 'shop', composeYaml: 'name: shop\n', services: ['web'], images: [image] },
  volumes: [
    { key: 'data', name: 'shop_data', archive: 'volumes/data.tar', size: 1, image, writers: ['w', 'gone'] },
  ],
  files: [{ path: 'files/web.conf', archive: packTar([{ path: 'nginx.conf', content: text('server {}') }]) }],
  left: [{ reason: 'anonymous', service: 'web', what: '/a`b\n' }],
}

/** An engine with one volume and images of 9 MiB, that notes its calls and refuses those that begin with `broken`. */
class FakeEngine implements EngineTransport {
  readonly calls: string[] = []
  readonly broken: string

  constructor(broken = 'none') {
    this.broken = broken
  }

  async request({ method, path, query = {} }: EngineRequest) {
    const call = `${method} ${path}${query['path'] === undefined ? '' : ` ${String(query['path'])}`}`
    this.calls.push(call)
    if (call.startsWith(this.broken)) return this.answer(500, text('{"message":"it is broken"}'))
    if (path === '/containers/gone/pause') return this.answer(409, text('{"message":"gone is not running"}'))
    if (path === '/containers/create') return this.answer(201, text('{"Id":"reader"}'))
    if (path === '/images/get') return this.answer(200, new Uint8Array(9 << 20).fill(7))
    if (!path.endsWith('/archive')) return this.answer(204, new Uint8Array())
    const members = [
      { path: '0/', type: 'directory' as const },
      { path: '0/f', uid: 33, content: text('kept') },
    ]
    return this.answer(200, packTar(members))
  }

  upgrade(): never {
    throw new Error('nothing is attached to')
  }

  private answer(status: number, bytes: Uint8Array) {
    const body = (async function* () {
      for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20))
    })()
    return { status, headers: {}, body }
  }
}

const options = { t: (...args: [Parameters<typeof translate>[1]]) => translate('en', ...args), now: 5 }

async function membersOf(archive: AsyncIterable<Uint8Array>): Promise<Map<string, Uint8Array>> {
  const members = new Map<string, Uint8Array>()
  for await (const { path, content } of readTar(archive)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of content()) chunks.push(chunk)
    members.set(path, concatBytes(chunks))
  }
  return members
}

async function* bytesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(await blob.arrayBuffer())
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test('the folder has images, volumes, files, a compose file and how to use them', async () => {
  const engine = new FakeEngine()
  let told = 0
  const archive = await takenArchive(PLAN, new EngineApi(engine), { ...options, onBytes: (n) => (told = n) })
  const members = await membersOf(bytesOf(archive))
  expect([...members.keys()]).toEqual([
    ...['shop/', 'shop/README.md', 'shop/compose.yaml', 'shop/fill-volumes.sh', 'shop/volumes/'],
    ...['shop/volumes/data.tar', 'shop/files/', 'shop/files/web.conf', 'shop/images.tar'],
  ])
  const string = (path: string) => new TextDecoder().decode(members.get(path))
  expect(string('shop/compose.yaml')).toBe('name: shop\n')
  expect(string('shop/files/web.conf')).toBe('server {}')
  const images = Buffer.from(members.get('shop/images.tar')!)
  expect(images.equals(Buffer.alloc(9 << 20, 7))).toBe(true)
  expect([...(await membersOf(once(members.get('shop/volumes/data.tar')!))).keys()]).toEqual(['./', './f'])
  expect(told).toBeGreaterThan(9 << 20)
  expect(string('shop/README.md')).toContain(`\`\`\`sh\n${takenCommands(PLAN).join('\n')}\n\`\`\``)
  expect(string('shop/README.md')).toContain('the volume at `/a\ufffdb\ufffd` has no name')
})

test('writers of a volume are paused while it is read, and the reader goes', async () => {
  const engine = new FakeEngine()
  await takenArchive(PLAN, new EngineApi(engine), options)
  expect(engine.calls).toEqual([
    ...['POST /containers/create', 'POST /containers/w/pause', 'POST /containers/gone/pause'],
    ...['GET /containers/reader/archive /porthole-volumes/0', 'POST /containers/w/unpause'],
    ...['DELETE /containers/reader', 'GET /images/get'],
  ])
})

test('an image without a name gets one before it is saved', async () => {
  const engine = new FakeEngine()
  const images = [{ ...image, reference: 'porthole-taken:1', isNew: true }]
  await takenArchive({ ...PLAN, images, volumes: [], files: [] }, new EngineApi(engine), options)
  expect(engine.calls).toEqual(['POST /images/sha256:1/tag', 'GET /images/get'])
})

describe('an engine that refuses', () => {
  test.each(['GET /containers/reader/archive', 'POST /containers/w/pause', 'GET /images/get'])(
    '%s leaves nothing paused and no reader behind',
    async (broken) => {
      const engine = new FakeEngine(broken)
      await expect(takenArchive(PLAN, new EngineApi(engine), options)).rejects.toThrow('it is broken')
      expect(engine.calls).toContain('DELETE /containers/reader')
      const paused = broken !== 'POST /containers/w/pause'
      expect(engine.calls.includes('POST /containers/w/unpause')).toBe(paused)
    },
  )
})
