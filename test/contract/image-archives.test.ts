/**
 * Archives of images through the engine's code and the page's content store, joined as the channel joins them; what they hold
 * is made and judged by skopeo and umoci.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Channel } from '../../guest/protocol/wire/byte-stream.ts'
import type { ImageRecord, Platform } from '../../guest/protocol/api/content.ts'
import type { JsonProgress } from '../../guest/protocol/api/engine-api.ts'
import { loadImages } from '../../guest/runtime/docker/archive/load-images.ts'
import { imagesToSave, type SavedImage } from '../../guest/runtime/docker/archive/images-to-save.ts'
import { saveImages } from '../../guest/runtime/docker/archive/save-images.ts'
import { channelContentClient, type ContentClient } from '../../guest/runtime/host/channel/content-client.ts'
import { ImageService } from '../../guest/runtime/docker/image/image-service.ts'
import { enginePaths } from '../../guest/runtime/host/engine-paths.ts'
import { openTestBed, type TestBed } from '../../guest/native/testing/test-bed.ts'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { run } from '../../scripts/lib/run.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { createContent, serveContent, type Content } from '../../web/src/content-service/content-service.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { readTar } from '../../guest/vocabulary/tar/read-tar.ts'
import { writeBlobFiles } from '../support/blob-files.ts'
import { byteStreamPair } from '../support/byte-stream-pair.ts'
import { makeTar, type TarPart } from '../support/make-tar.ts'
import { Layout, LayoutSite } from '../support/make-layout.ts'
import { sha256 } from './content-store.ts'

let bed: TestBed
let scratch: string
beforeAll(async () => {
  await ensureTools('skopeo', 'tar')
  bed = await openTestBed()
  scratch = await mkdtemp(join(tmpdir(), 'porthole-archives-'))
})
afterAll(async () => {
  await bed?.close()
  await rm(scratch, { recursive: true, force: true })
})

let work: string
let count = 0
beforeEach(async () => {
  work = join(scratch, String(count++))
  await mkdir(work)
})

interface Engine {
  page: Content
  content: ContentClient
  images: ImageService
  events: string[]
  load(archive: AsyncIterable<Uint8Array>, quiet?: boolean, platform?: Platform): Promise<JsonProgress[]>
  save(...names: string[]): Promise<Buffer>
}

function engine(): Engine {
  const layout = new Layout()
  const page = createContent({
    keyValues: new MemoryKeyValueStore(),
    files: new LayoutSite(layout),
    blocks: new BlockCache(1 << 22),
  })
  const channel = {
    async open(open: Parameters<Channel['open']>[0]) {
      const [near, far] = byteStreamPair()
      if (open.service === 'content') void serveContent(page, open.request, far)
      return near
    },
  } as Channel
  const content = channelContentClient(() => Promise.resolve(channel))
  const events: string[] = []
  const publish = (_: string, action: string) => void events.push(action)
  const images = new ImageService({
    ...{ content, publish, paths: enginePaths(), now: () => 0n },
    users: () => [],
  })
  return {
    ...{ page, content, images, events },
    async load(archive, quiet = true, platform) {
      const lines: JsonProgress[] = []
      for await (const line of loadImages({ content, images, publish }, archive, { quiet, platform }))
        lines.push(line)
      return lines
    },
    async save(...names) {
      const chunks: Uint8Array[] = []
      const saved = await imagesToSave(images, names)
      const deps = { content, launcher: bed.client, blobs: await blobFiles(page, saved) }
      for await (const chunk of await saveImages(deps, saved)) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
  }
}

/** A directory with the images' blobs as files, as the guest has them over 9P. */
async function blobFiles(page: Content, saved: readonly SavedImage[]): Promise<string> {
  const directory = await mkdtemp(join(work, 'blobs-'))
  await writeBlobFiles(
    page,
    saved.map(({ image }) => image),
    directory,
  )
  return directory
}

async function* pieces(bytes: Uint8Array, size = 10_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const BASE = makeTar([
  { name: 'etc', type: '5', mode: 0o755 },
  { name: 'etc/motd', content: 'hello\n' },
  { name: 'big', content: 'x'.repeat(300_000) },
])
const TOP = makeTar([{ name: 'etc/.wh.motd' }, { name: 'new', content: 'n' }])

/** An OCI layout on the disk with one image of two gzipped layers. */
async function layoutOnDisk(
  options: { architecture?: string } = {},
): Promise<{ path: string; manifest: string; config: string }> {
  const layout = new Layout()
  const { manifest, config } = layout.addImage([BASE, TOP], options)
  const path = join(work, 'layout')
  await mkdir(join(path, 'blobs/sha256'), { recursive: true })
  for (const [digest, bytes] of layout.blobs)
    await writeFile(join(path, 'blobs', digest.replace(':', '/')), bytes)
  await writeFile(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const annotations = { 'org.opencontainers.image.ref.name': 'it' }
  await writeFile(
    join(path, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  )
  return { path, manifest: manifest.digest, config: config.digest }
}

const skopeo = (...args: string[]) =>
  run('skopeo', ['--override-arch', '386', '--insecure-policy', ...args], { cwd: work })

const streams = (lines: JsonProgress[]) =>
  lines.flatMap(({ stream }) => (stream === undefined ? [] : [stream]))

describe('loading', () => {
  test('takes an OCI archive of skopeo with its id, digest and name', async () => {
    const { path, manifest, config } = await layoutOnDisk()
    await skopeo('copy', `oci:${path}:it`, `oci-archive:${work}/a.tar:example.org/me/app:v1`)
    const { load, images, events } = engine()
    expect(streams(await load(createReadStream(join(work, 'a.tar'))))).toEqual([
      'Loaded image: example.org/me/app:v1\n',
    ])
    const image = await images.find('example.org/me/app:v1')
    expect([image.id, image.manifestDigest]).toEqual([config, manifest])
    expect(events).toEqual(['load'])
  })

  test('takes a Docker archive of skopeo: the same layers, whatever they were compressed with', async () => {
    const { path, config } = await layoutOnDisk()
    await skopeo('copy', `oci:${path}:it`, `docker-archive:${work}/d.tar:app:v1`)
    const { load, images, page } = engine()
    expect(streams(await load(createReadStream(join(work, 'd.tar'))))).toEqual(['Loaded image: app:v1\n'])
    const image = await images.find('app:v1')
    expect(image.config.rootfs.diff_ids).toEqual([sha256(BASE), sha256(TOP)])
    expect(image.id).toBe(config)
    await skopeo('copy', `oci:${path}:it`, `oci-archive:${work}/a.tar:app:v2`)
    await load(createReadStream(join(work, 'a.tar')))
    expect((await page.store.layers.list()).sort()).toEqual([sha256(BASE), sha256(TOP)].sort())
  })

  test('takes an archive that is compressed as a whole', async () => {
    const { path } = await layoutOnDisk()
    await skopeo('copy', `oci:${path}:it`, `docker-archive:${work}/d.tar:app:v1`)
    const { load } = engine()
    const packed = gzipSync(await readFile(join(work, 'd.tar')))
    expect(streams(await load(pieces(packed)))).toEqual(['Loaded image: app:v1\n'])
  })

  test('takes the archives of old Docker: a folder a layer, links between equal ones', async () => {
    const config = Buffer.from(
      JSON.stringify({
        architecture: '386',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: [sha256(BASE), sha256(BASE)] },
      }),
    )
    const manifest = [{ Config: 'c.json', RepoTags: null, Layers: ['a/layer.tar', 'b/layer.tar'] }]
    const parts: TarPart[] = [
      { name: 'a/', type: '5' },
      { name: 'a/VERSION', content: '1.0' },
      { name: 'a/layer.tar', content: BASE },
      { name: 'b/layer.tar', type: '2', link: '../a/layer.tar' },
      { name: 'c.json', content: config },
      { name: 'manifest.json', content: JSON.stringify(manifest) },
    ]
    const { load, images } = engine()
    expect(streams(await load(pieces(makeTar(parts))))).toEqual([`Loaded image ID: ${sha256(config)}\n`])
    expect((await images.find(sha256(config))).layers).toHaveLength(2)
  })

  test('tells how each layer comes along, unless it is to be quiet or the layer is there', async () => {
    const { path } = await layoutOnDisk()
    await skopeo('copy', `oci:${path}:it`, `docker-archive:${work}/d.tar:app:v1`)
    const { load, save } = engine()
    const lines = await load(createReadStream(join(work, 'd.tar')), false)
    const total = BASE.length
    expect(lines[0]).toEqual({
      status: 'Loading layer',
      progressDetail: { current: total, total },
      id: sha256(BASE).slice(7, 19),
    })
    const again = await save('app:v1')
    expect(await load(pieces(again), false)).toEqual([{ stream: 'Loaded image: app:v1\n' }])
  })

  const bad: [string, () => Uint8Array, string | RegExp][] = [
    ['no archive', () => Buffer.from('hello '.repeat(300)), 'archive/tar: invalid tar header'],
    [
      'an archive without images',
      () => makeTar([{ name: 'x', content: 'y' }]),
      'invalid archive: does not contain a manifest.json',
    ],
    [
      'one that is cut off',
      () => makeTar([{ name: 'l', content: BASE }]).subarray(0, 5000),
      /^unexpected EOF$/,
    ],
    ['a line of text', () => Buffer.from('x\n'), /^unexpected EOF$/],
    [
      'a name that climbs out',
      () => makeTar([{ name: '../../x', content: BASE }]),
      'invalid path in the archive: "../../x"',
    ],
    [
      'a manifest that is not JSON',
      () => makeTar([{ name: 'manifest.json', content: '[{' }]),
      'manifest.json of the archive is not JSON',
    ],
    [
      'a missing layer',
      () => dockerArchive({ layers: ['gone.tar'] }),
      'layer gone.tar is missing in the archive',
    ],
    [
      'a layer that is another than the configuration says',
      () => dockerArchive({ diffIds: [sha256(TOP)] }),
      `invalid diffID for layer 0: expected "${sha256(TOP)}", got "${sha256(BASE)}"`,
    ],
    [
      'fewer layers than the configuration has',
      () => dockerArchive({ diffIds: [sha256(BASE), sha256(TOP)] }),
      'invalid manifest, layers length mismatch: expected 1, got 2',
    ],
    [
      'a layer that climbs out',
      () => dockerArchive({ layer: makeTar([{ name: '../../etc/passwd', content: 'x' }]) }),
      'points out of the layer',
    ],
  ]
  test.each(bad)('of %s says what is wrong and leaves no image', async (_, make, message) => {
    const { load, images } = engine()
    await expect(load(pieces(make()))).rejects.toThrow(message)
    expect(await images.all()).toEqual([])
  })

  test('of a layout whose blob is not what its name says is refused', async () => {
    const { path } = await layoutOnDisk()
    for (const name of await readdir(join(path, 'blobs/sha256'))) {
      const bytes = await readFile(join(path, 'blobs/sha256', name))
      if (bytes[0] === 0x1f) await writeFile(join(path, 'blobs/sha256', name), gzipSync(TOP))
    }
    await run('tar', ['-cf', join(work, 'a.tar'), '-C', path, '.'])
    const { load } = engine()
    await expect(load(createReadStream(join(work, 'a.tar')))).rejects.toMatchObject({ code: 'corrupt' })
  })
})

describe('loading an image for another machine', () => {
  const AMD64 = { os: 'linux', architecture: 'amd64' }

  test('takes it, from a layout and from Docker’s archive', async () => {
    const { path, config } = await layoutOnDisk({ architecture: 'amd64' })
    await run('tar', ['-cf', join(work, 'a.tar'), '-C', path, '.'])
    const { load, save, images, content } = engine()
    expect(streams(await load(createReadStream(join(work, 'a.tar'))))).toEqual([
      `Loaded image ID: ${config}\n`,
    ])
    for (const architecture of ['amd64', 'sparc64', undefined])
      await load(pieces(dockerArchive({ config: { architecture }, name: `foreign:${architecture}` })))
    expect((await images.inspect('foreign:sparc64')).Architecture).toBe('sparc64')
    const { id, config: foreign, layers } = await images.find('foreign:amd64')
    const digests = layers.map(({ digest }) => digest)
    expect((await content.createImage(foreign, digests, 'made:amd64')).references).toContain(
      'docker.io/library/made:amd64',
    )
    expect(await save(id)).not.toHaveLength(0)
    expect(await images.inspect('foreign:undefined')).toMatchObject({ Architecture: '', Os: 'linux' })
  })

  test('passes over what is not for the platform that was asked for', async () => {
    const { load, images } = engine()
    expect(await load(pieces(dockerArchive()), true, AMD64)).toEqual([{ stream: 'Loaded image: x:y\n' }])
    const sparc = dockerArchive({ config: { architecture: 'sparc64' }, name: 'sparc:v9' })
    expect(await load(pieces(sparc), true, AMD64)).toEqual([])
    expect(await images.all()).toHaveLength(1)
  })

  test('refuses what is for another system', async () => {
    const windows = dockerArchive({ config: { os: 'windows', architecture: 'amd64' } })
    await expect(engine().load(pieces(windows))).rejects.toThrow(/^cannot load windows image on linux$/)
  })
})

test.each([
  ['an empty list of layers', { rootfs: { type: 'layers', diff_ids: [] } }],
  ['none at all', { rootfs: { type: 'layers' } }],
])('an image without files loads with %s', async (_, config) => {
  const { load, save, images } = engine()
  const lines = await load(pieces(dockerArchive({ layers: [], config: { ...config, history: null } })))
  expect(streams(lines)).toEqual(['Loaded image: x:y\n'])
  expect((await images.inspect('x:y')).RootFS).toEqual({ Type: 'layers', Layers: [] })
  await expect(save('x:y')).rejects.toThrow(/^empty export - not implemented$/)
})

test.each([
  ['no layers field', { rootfs: undefined }, 'invalid image JSON, no RootFS key'],
  ['a number for a system', { os: 5 }, 'has a broken os'],
  [
    'a history of layers that are not there',
    { history: [{}, { empty_layer: true }, {}] },
    'too many non-empty layers in History section',
  ],
])('an image with %s is refused', async (_, config, message) => {
  await expect(engine().load(pieces(dockerArchive({ config })))).rejects.toThrow(message)
})

function dockerArchive({
  layer = BASE,
  layers = ['l.tar'],
  diffIds = [sha256(layer)],
  config: own = {},
  name = 'x:y',
}: {
  layer?: Uint8Array
  layers?: string[]
  diffIds?: string[]
  config?: object
  name?: string
} = {}): Uint8Array {
  const rootfs = { type: 'layers', diff_ids: diffIds }
  const config = { architecture: '386', os: 'linux', rootfs, ...own }
  return makeTar([
    { name: 'l.tar', content: layer },
    { name: 'c.json', content: JSON.stringify(config) },
    {
      name: 'manifest.json',
      content: JSON.stringify([{ Config: 'c.json', RepoTags: [name], Layers: layers }]),
    },
  ])
}

test('loading a name that another image has says whose it was, unless it is the same image', async () => {
  const { load, images } = engine()
  const dockerStreams = async (bytes: Uint8Array) => streams(await load(pieces(bytes)))
  expect(await dockerStreams(dockerArchive())).toEqual(['Loaded image: x:y\n'])
  const { id } = await images.find('x:y')
  expect(await dockerStreams(dockerArchive())).toEqual(['Loaded image: x:y\n'])
  expect(await dockerStreams(dockerArchive({ layer: TOP }))).toEqual([
    `The image x:y already exists, renaming the old one with ID ${id} to empty string\n`,
    'Loaded image: x:y\n',
  ])
})

describe('saving', () => {
  async function loaded(): Promise<Engine & { image: ImageRecord }> {
    const { path } = await layoutOnDisk()
    await skopeo('copy', `oci:${path}:it`, `oci-archive:${work}/a.tar:app:v1`)
    const made = engine()
    await made.load(createReadStream(join(work, 'a.tar')))
    return { ...made, image: await made.images.find('app:v1') }
  }

  test('writes what skopeo reads as both kinds of archive, with the digest of the image', async () => {
    const { save, image } = await loaded()
    await writeFile(join(work, 's.tar'), await save('app:v1'))
    const inspected = JSON.parse(String(await skopeo('inspect', `oci-archive:${work}/s.tar`))) as {
      Digest: string
    }
    expect(inspected.Digest).toBe(image.manifestDigest)
    await skopeo('copy', `docker-archive:${work}/s.tar:app:v1`, `dir:${work}/dir`)
    const config = await skopeo('inspect', '--config', `docker-archive:${work}/s.tar:app:v1`)
    expect((JSON.parse(String(config)) as { rootfs: unknown }).rootfs).toEqual(image.config.rootfs)
  })

  test('dates configuration and layers from the image, all else from 1970', async () => {
    const { load, save, images } = engine()
    const created = '2021-03-04T05:06:07.891Z'
    await load(pieces(dockerArchive({ config: { created } })))
    const times = new Map<string, number>()
    for await (const { path, mtime } of readTar(pieces(await save('x:y')))) times.set(path, mtime)
    const { id, manifestDigest, layers } = await images.find('x:y')
    const path = (digest: string) => `blobs/${digest.replace(':', '/')}`
    const then = Math.floor(Date.parse(created) / 1000)
    expect(Object.fromEntries(times)).toEqual({
      'blobs/': then,
      'blobs/sha256/': 0,
      [path(manifestDigest)]: 0,
      [path(id)]: then,
      [path(layers[0]!.digest)]: then,
      'index.json': 0,
      'manifest.json': 0,
      'oci-layout': 0,
      repositories: 0,
    })
  })

  test('and loading again gives the same image', async () => {
    const { save, image } = await loaded()
    const other = engine()
    expect(streams(await other.load(pieces(await save('app:v1'))))).toEqual(['Loaded image: app:v1\n'])
    expect(await other.images.find('app:v1')).toEqual(image)
  })

  test('takes all tags of a repository, single tags, and ids without a tag', async () => {
    const { save, content, images, image } = await loaded()
    await content.tag(image.id, 'docker.io/library/app:v2')
    images.invalidate()
    const tags = async (...names: string[]) => {
      await writeFile(join(work, 't.tar'), await save(...names))
      const text = String(await run('tar', ['-xOf', join(work, 't.tar'), 'manifest.json']))
      return (JSON.parse(text) as { RepoTags: string[] | null }[]).map(({ RepoTags }) => RepoTags)
    }
    expect(await tags('app')).toEqual([['app:v1', 'app:v2']])
    expect(await tags('app:v2')).toEqual([['app:v2']])
    expect(await tags(image.id.slice(7, 19))).toEqual([null])
    expect(await tags(image.id, 'app:v2', 'app:v1')).toEqual([['app:v2', 'app:v1']])
    await expect(save('app:v3')).rejects.toThrow('reference does not exist')
    await expect(save('nothing')).rejects.toThrow(/^No such image: nothing$/)
  })
})
