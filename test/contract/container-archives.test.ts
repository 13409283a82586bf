/**
 * The engine's archives of stopped containers with the guest's own launcher on this machine and the page's content store:
 * real overlays, real links, real layers. test/guest/archive.test.ts has the running ones.
 */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Channel } from '../../guest/protocol/wire/byte-stream.ts'
import type { EngineRequest } from '../../guest/protocol/api/engine-transport.ts'
import { openTestBed, type TestBed } from '../../guest/native/testing/test-bed.ts'
import { composeEngine, type Engine } from '../../guest/runtime/compose-engine.ts'
import { systemClock } from '../../guest/runtime/host/clock.ts'
import { initLayerPlan } from '../../guest/runtime/docker/layer/init-layer.ts'
import { channelContentClient } from '../../guest/runtime/host/channel/content-client.ts'
import { enginePaths } from '../../guest/runtime/host/engine-paths.ts'
import { kernelRandom } from '../../guest/runtime/host/kernel-random.ts'
import { nodeFiles } from '../../guest/runtime/host/files/node-files.ts'
import { FACTS } from '../../guest/runtime/testing/test-engine.ts'
import { run } from '../../scripts/lib/run.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { PortProxy } from '../../guest/runtime/host/net/port-proxy.ts'
import { createContent, serveContent, type Content } from '../../web/src/content-service/content-service.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { writeBlobFiles } from '../support/blob-files.ts'
import { byteStreamPair } from '../support/byte-stream-pair.ts'
import { makeTar, type TarPart } from '../support/make-tar.ts'
import { Layout, LayoutSite } from '../support/make-layout.ts'

let bed: TestBed
let engine: Engine
let page: Content
/** Calls that were answered with a 500. */
const reported: string[] = []

beforeAll(async () => {
  bed = await openTestBed()
  page = createContent({
    keyValues: new MemoryKeyValueStore(),
    files: new LayoutSite(new Layout()),
    blocks: new BlockCache(1 << 22),
  })
  const channel = {
    async open(open: Parameters<Channel['open']>[0]) {
      const [near, far] = byteStreamPair()
      if (open.service === 'content') void serveContent(page, open.request, far)
      return near
    },
  } as Channel
  const paths = enginePaths(bed.dir)
  await bed.client.run(initLayerPlan(paths))
  engine = composeEngine({
    ...{ paths, files: nodeFiles(), clock: systemClock(), random: kernelRandom },
    ...{ facts: FACTS, launcher: bed.client, content: channelContentClient(() => Promise.resolve(channel)) },
    portProxy: new PortProxy(),
    report: (what) => void reported.push(what),
  })
}, 300_000)
afterAll(() => bed?.close())

async function call(
  request: EngineRequest,
): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  const { status, headers, body } = await engine.transport.request(request)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { status, headers, body: Buffer.concat(chunks) }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const tarBody = (bytes: Uint8Array) => ({ bytes: once(bytes), contentType: 'application/x-tar' })
const json = (body: Buffer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>

/** What the page would serve over 9P is unpacked by GNU tar here. */
async function layerOnDisk(tar: Uint8Array, diffId: string): Promise<void> {
  const directory = join(engine.context.paths.layers, diffId.slice('sha256:'.length))
  await mkdir(directory, { recursive: true })
  await writeFile(join(bed.dir, 'layer.tar'), tar)
  await run('tar', ['-xpf', join(bed.dir, 'layer.tar'), '-C', directory])
}

const BASE: TarPart[] = [
  { name: 'etc', type: '5', mode: 0o755 },
  { name: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\nwww:x:33:34::/:/bin/sh\n' },
  { name: 'gone', content: 'g' },
  { name: 'tmp', type: '5', mode: 0o1777 },
]

async function importBase(): Promise<void> {
  const tar = makeTar(BASE)
  const query = { fromSrc: '-', repo: 'base', tag: 'v1', changes: ['CMD ["cat", "/etc/passwd"]'] }
  const { status, body } = await call({ method: 'POST', path: '/images/create', query, body: tarBody(tar) })
  expect(status, body.toString()).toBe(200)
  const inspected = json((await call({ method: 'GET', path: '/images/base:v1/json' })).body)
  const { Layers } = inspected['RootFS'] as { Layers: string[] }
  await layerOnDisk(tar, Layers[0]!)
}

async function create(name: string, more: object = {}): Promise<string> {
  const body = { json: { Image: 'base:v1', ...more } }
  const { status, body: answer } = await call({
    method: 'POST',
    path: '/containers/create',
    query: { name },
    body,
  })
  expect(status, answer.toString()).toBe(201)
  return String(json(answer)['Id'])
}

const archive = (method: 'GET' | 'HEAD' | 'PUT', name: string, path: string, parts?: TarPart[], query = {}) =>
  call({
    ...{ method, path: `/containers/${name}/archive`, query: { path, ...query } },
    ...(parts && { body: tarBody(makeTar(parts)) }),
  })

async function members(tar: Buffer): Promise<string[]> {
  await writeFile(join(bed.dir, 'got.tar'), tar)
  return String(await run('tar', ['-tf', join(bed.dir, 'got.tar')]))
    .split('\n')
    .filter(Boolean)
}

describe('a stopped container', () => {
  beforeAll(importBase)

  test('gives and takes files, and tells what a path is', async () => {
    await create('files')
    expect((await archive('PUT', 'files', '/tmp', [{ name: 'new', content: 'n', mode: 0o640 }])).status).toBe(
      200,
    )
    const { headers, body } = await archive('GET', 'files', '/tmp')
    expect(await members(body)).toEqual(['tmp/', 'tmp/new'])
    const stat = JSON.parse(
      Buffer.from(headers['x-docker-container-path-stat']!, 'base64').toString(),
    ) as object
    expect(stat).toMatchObject({ name: 'tmp', mode: 2 ** 31 + 2 ** 20 + 0o777, linkTarget: '' })
    const missing = await archive('HEAD', 'files', '/none')
    expect(missing.status).toBe(404)
    expect((await archive('GET', 'files', '/etc/passwd/x')).status).toBe(500)
    expect(reported.splice(0)).toEqual(['GET /containers/files/archive'])
    expect((await archive('PUT', 'files', '/etc/passwd', [])).body.toString()).toContain(
      'extraction point is not a directory',
    )
    expect((await call({ method: 'GET', path: '/containers/files/archive' })).status).toBe(400)
  })

  test('reaches its binds, refuses read-only ones and a read-only root, and gives files to its user', async () => {
    const [writable, readOnly] = [join(bed.dir, 'w'), join(bed.dir, 'r')]
    await Promise.all([mkdir(writable), mkdir(readOnly)])
    const HostConfig = { Binds: [`${writable}:/w`, `${readOnly}:/r:ro`], ReadonlyRootfs: true }
    await create('binds', { HostConfig, User: 'www' })
    const put = async (path: string) => {
      const { status, body } = await archive('PUT', 'binds', path, [{ name: 'f', content: 'x' }], {
        copyUIDGID: true,
      })
      return [status, status === 200 ? '' : json(body)['message']]
    }
    expect(await put('/w')).toEqual([200, ''])
    expect(await put('/r')).toEqual([400, 'mounted volume is marked read-only'])
    expect(await put('/tmp')).toEqual([400, 'container rootfs is marked read-only'])
    expect(String(await run('stat', ['-c', '%u:%g', join(writable, 'f')])).trim()).toBe('33:34')
  })

  test('reaches mounted images, which are read-only, and parts of volumes, which are filled', async () => {
    const volume = { Type: 'volume', Source: 'vol', Target: '/etc' }
    const data = join(engine.context.paths.dataRoot, 'volumes/vol/_data')
    await create('first', { HostConfig: { Mounts: [{ ...volume, Target: '/first' }] } })
    await mkdir(join(data, 'sub'), { mode: 0o700 })
    await symlink('sub', join(data, 'link'))
    await symlink('/', join(data, 'out'))
    const below = (Subpath: string) => ({ ...volume, VolumeOptions: { Subpath } })
    const image = (Subpath: string) => ({
      ...{ Type: 'image', Source: 'base:v1', Target: '/image', ImageOptions: { Subpath } },
    })
    await create('parts', { HostConfig: { Mounts: [below('link'), image('')] } })
    expect(await members((await archive('GET', 'parts', '/image')).body)).toContain('image/etc/passwd')
    expect(await members((await archive('GET', 'parts', '/etc')).body)).toContain('etc/passwd')
    expect(await readFile(join(data, 'sub/passwd'), 'utf8')).toContain('www:x:33:34')
    expect(String(await run('stat', ['-c', '%a', join(data, 'sub')])).trim()).toBe('755')
    expect((await archive('PUT', 'parts', '/etc', [{ name: 'new', content: 'n' }])).status).toBe(200)
    expect(await readFile(join(data, 'sub/new'), 'utf8')).toBe('n')
    expect(json((await archive('PUT', 'parts', '/image', [{ name: 'f', content: 'x' }])).body)).toEqual({
      message: 'mounted volume is marked read-only',
    })
    await create('part', { HostConfig: { Mounts: [image('etc/passwd')] } })
    expect(await members((await archive('GET', 'part', '/image')).body)).toEqual(['image'])
    await create('outside', { HostConfig: { Mounts: [{ ...below('out'), Target: '/x' }] } })
    expect((await archive('GET', 'outside', '/x')).status).toBe(500)
    reported.splice(0)
    const used = await call({ method: 'DELETE', path: '/images/base:v1' })
    expect([used.status, json(used.body)['message']]).toEqual([
      409,
      expect.stringContaining('is using its referenced image'),
    ])
  })

  test('with links to this machine’s files gives none of them away and changes none', async () => {
    await create('evil')
    const outside = join(bed.dir, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'secret'), 'secret')
    const upper = join(engine.context.paths.overlay, engine.context.containers.find('evil').id, 'diff')
    await symlink(outside, join(upper, 'dir'))
    await symlink(join(outside, 'secret'), join(upper, 'file'))
    await symlink('../../../../../../../..' + outside, join(upper, 'up'))
    await symlink('/proc/self/root', join(upper, 'root'))
    for (const path of ['/dir/secret', '/up/secret', '/dir/', `/root${outside}/secret`])
      expect((await archive('GET', 'evil', path)).body.toString()).not.toContain('secret\0')
    expect(await members((await archive('GET', 'evil', '/file')).body)).toEqual(['file'])
    for (const path of ['/dir', '/up/', `/root${outside}`, '/'])
      await archive('PUT', 'evil', path, [
        { name: 'planted', content: 'p' },
        { name: 'dir/planted', content: 'p' },
        { name: 'file', content: 'p' },
      ])
    expect(reported.splice(0).length).toBeGreaterThan(0)
    expect(await readdir(outside)).toEqual(['secret'])
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  test('is committed with what it changed alone, exported with all, saved and loaded again', async () => {
    const id = await create('changed')
    await archive('PUT', 'changed', '/', [
      { name: 'data/file', content: 'd', uid: 5 },
      { name: 'l', type: '2', link: 'data' },
    ])
    await run('mknod', [join(engine.context.paths.overlay, id, 'diff/gone'), 'c', '0', '0'])
    const query = { container: 'changed', repo: 'made', tag: 'v1', changes: ['CMD ["x"]', 'LABEL a=b'] }
    const commit = await call({ method: 'POST', path: '/commit', query })
    expect(commit.status, commit.body.toString()).toBe(201)
    const exported = await call({ method: 'GET', path: '/containers/changed/export' })
    expect(await members(exported.body)).toEqual([
      ...['.dockerenv', 'data/', 'data/file', 'dev/', 'dev/console', 'dev/pts/', 'dev/shm/', 'etc/'],
      ...[
        'etc/hostname',
        'etc/hosts',
        'etc/mtab',
        'etc/passwd',
        'etc/resolv.conf',
        'l',
        'proc/',
        'sys/',
        'tmp/',
      ],
    ])
    const about = async () => {
      const { Id, RepoDigests, Config, RootFS } = json(
        (await call({ method: 'GET', path: '/images/made:v1/json' })).body,
      )
      return { Id, RepoDigests, Config, RootFS }
    }
    const before = await about()
    expect(before.Config).toMatchObject({ Cmd: ['x'], Labels: { a: 'b' } })
    const { content, paths } = engine.context
    await writeBlobFiles(page, await content.images(), paths.blobs)
    const saved = await call({ method: 'GET', path: '/images/get', query: { names: ['made:v1', 'base:v1'] } })
    expect((await call({ method: 'DELETE', path: '/images/made:v1' })).status).toBe(200)
    const loaded = await call({
      method: 'POST',
      path: '/images/load',
      query: { quiet: true },
      body: tarBody(saved.body),
    })
    expect(loaded.body.toString()).toBe(
      '{"stream":"Loaded image: made:v1\\n"}\r\n{"stream":"Loaded image: base:v1\\n"}\r\n',
    )
    expect(await about()).toEqual(before)
    const blobs = String(await run('tar', ['-xOf', await kept(saved.body), 'manifest.json']))
    const [made] = JSON.parse(blobs) as { Layers: string[] }[]
    const layer = await run('tar', ['-xOf', join(bed.dir, 'saved.tar'), made!.Layers.at(-1)!])
    expect(await members(Buffer.from(layer))).toEqual(['data/', 'data/file', '.wh.gone', 'l'])
  })

  test('keeps its layers when its image is removed by force', async () => {
    await call({ method: 'POST', path: '/commit', query: { container: 'changed', repo: 'leased' } })
    const inspected = json((await call({ method: 'GET', path: '/images/leased/json' })).body)
    const { Layers } = inspected['RootFS'] as { Layers: string[] }
    await create('leaser', { Image: 'leased' })
    await call({ method: 'DELETE', path: '/images/leased', query: { force: true } })
    const blob = await engine.context.content.blob(Layers.at(-1) as `sha256:${string}`)
    expect(blob.size).toBeGreaterThan(0)
    expect(reported).toEqual([])
  })
})

async function kept(bytes: Buffer): Promise<string> {
  await rm(join(bed.dir, 'saved.tar'), { force: true })
  await writeFile(join(bed.dir, 'saved.tar'), bytes)
  return join(bed.dir, 'saved.tar')
}
