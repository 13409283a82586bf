import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import type {
  ContentRequest,
  Digest,
  ImageRecord,
  PullProgress,
} from '../../../guest/protocol/api/content.ts'
import { EngineError, type SerializedError } from '../../../guest/protocol/errors.ts'
import { byteStreamPair } from '../../../test/support/byte-stream-pair.ts'
import { Layout, LayoutSite, sha256, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { NineClient } from '../../../test/support/nine-client.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { createContent, serveContent, type Content } from './content-service.ts'
import { createLayerProvider, prefetchImages } from './layer-provider.ts'
import { MEDIA_TYPES } from '../content/manifest.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { createNineServer } from '../nine/nine-server.ts'
import { pull } from '../registry-client/registry-calls.ts'
import { createBlobProvider } from './blob-provider.ts'
import { createRootTree } from '../trees/root-tree.ts'

interface Answer {
  progress: PullProgress[]
  result?: unknown
  error?: SerializedError
  bytes: Buffer
}

const base = makeTar([{ name: 'bin/sh', content: 'shell', mode: 0o755 }])
const app = makeTar([{ name: 'srv/app', content: new Uint8Array(randomBytes(700_000)) }])
const BUSYBOX = 'docker.io/library/busybox:latest'

describe('the content service', () => {
  let layout: Layout
  let site: LayoutSite
  let keyValues: MemoryKeyValueStore
  let content: Content
  let busybox: MadeImage

  const open = (): Content => createContent({ keyValues, files: site, blocks: new BlockCache(1 << 22) })

  async function call(request: ContentRequest, upload?: Uint8Array): Promise<Answer> {
    const [ours, theirs] = byteStreamPair()
    const serving = serveContent(content, request, theirs)
    if (upload !== undefined)
      for (let start = 0; start < upload.length; start += 50_000)
        await ours.write(upload.subarray(start, start + 50_000))
    await ours.end()
    const parts: Uint8Array[] = []
    for (let chunk = await ours.read(); chunk !== null; chunk = await ours.read()) parts.push(chunk)
    await serving
    return parseAnswer(Buffer.concat(parts))
  }

  async function result<T>(request: ContentRequest, upload?: Uint8Array): Promise<T> {
    const { result, error } = await call(request, upload)
    if (error !== undefined) throw new Error(error.message)
    return result as T
  }

  beforeEach(() => {
    layout = new Layout()
    busybox = layout.addImage([base], { name: BUSYBOX })
    layout.addImage([base, app], { name: 'docker.io/library/nginx:latest' })
    site = new LayoutSite(layout)
    keyValues = new MemoryKeyValueStore()
    content = open()
  })

  it('lists the bundled images with their download sizes', async () => {
    const sizes = await result<{ reference: string; size: number }[]>({ call: 'catalogue' })
    expect(sizes.map(({ reference }) => reference)).toEqual([BUSYBOX, 'docker.io/library/nginx:latest'])
    expect(sizes[0]!.size).toBe(busybox.layers[0]!.size)
  })

  it('pulls a bundled image, layer by layer, and a second time without touching a layer', async () => {
    const { progress, result } = await call({ call: 'pull', reference: 'busybox' })
    expect(result).toMatchObject({ id: busybox.config.digest, references: [BUSYBOX] })
    expect(progress[0]).toEqual({ id: 'latest', status: 'Pulling from', from: 'library/busybox' })
    expect(progress.at(-1)?.status).toBe('Pull complete')
    site.reads.length = 0
    expect((await call({ call: 'pull', reference: 'busybox:latest' })).result).toEqual(result)
    expect(site.reads).toEqual([])
  })

  it('shares layers between images', async () => {
    await call({ call: 'pull', reference: 'busybox' })
    const { progress } = await call({ call: 'pull', reference: 'nginx' })
    const statuses = progress
      .filter(({ id }) => busybox.layers[0]!.digest.includes(id!))
      .map(({ status }) => status)
    expect(statuses).toEqual(['Already exists'])
  })

  it('keeps no compressed copy of a bundled layer, and still serves its blob', async () => {
    await call({ call: 'pull', reference: 'busybox' })
    const [layer] = busybox.layers
    expect(await content.store.blobs.get(layer!.digest)).toBeUndefined()
    const { result, bytes } = await call({ call: 'blob', digest: layer!.digest })
    expect(result).toEqual({ size: layer!.size })
    expect(sha256(bytes)).toBe(layer!.digest)
    expect(sha256((await call({ call: 'blob', digest: layer!.diffId })).bytes)).toBe(layer!.diffId)
    expect((await call({ call: 'blob', digest: sha256(app.subarray(1)) })).error?.code).toBe('not-found')
  })

  it('refuses a damaged bundled layer and pulls it once it is whole again', async () => {
    const { digest } = busybox.layers[0]!
    const good = layout.blobs.get(digest)!
    layout.blobs.set(
      digest,
      good.map((byte, index) => (index === 30 ? byte ^ 4 : byte)),
    )
    const { error } = await call({ call: 'pull', reference: 'busybox' })
    expect(error?.code).toBe('corrupt')
    expect(error?.message).toContain(digest)
    expect(await result<ImageRecord[]>({ call: 'images' })).toEqual([])
    layout.blobs.set(digest, good)
    expect((await call({ call: 'pull', reference: 'busybox' })).error).toBeUndefined()
  })

  it('tags, untags and removes, naming what was deleted', async () => {
    const { id } = await result<ImageRecord>({ call: 'pull', reference: 'busybox' })
    const tagged = await result<ImageRecord>({ call: 'tag', id, reference: 'mine:1' })
    expect(tagged.references).toEqual([BUSYBOX, 'docker.io/library/mine:1'])
    expect(await result({ call: 'untag', reference: 'busybox' })).toEqual({ deleted: [] })
    expect(await result({ call: 'untag', reference: 'mine:1' })).toEqual({ deleted: [] })
    expect((await call({ call: 'untag', reference: 'mine:1' })).error?.message).toBe('No such image: mine:1')
    const { deleted } = await result<{ deleted: Digest[] }>({ call: 'remove', id })
    expect(new Set(deleted)).toEqual(new Set([id, busybox.manifest.digest, busybox.layers[0]!.diffId]))
    expect((await call({ call: 'remove', id })).error?.code).toBe('not-found')
  })

  it('keeps a leased layer when its image goes, until the release', async () => {
    const { id, layers } = await result<ImageRecord>({ call: 'pull', reference: 'busybox' })
    const { diffId } = layers[0]!
    await result({ call: 'lease', id: 'container-1', digests: [diffId] })
    const { deleted } = await result<{ deleted: Digest[] }>({ call: 'remove', id })
    expect(deleted).not.toContain(diffId)
    expect(await content.store.layers.open(diffId)).toBeDefined()
    await result({ call: 'release', id: 'container-1' })
    expect(await content.store.collect()).toEqual([diffId])
  })

  it('stores an uploaded layer and makes an image of it upon another’s layers', async () => {
    const { layers, config } = await result<ImageRecord>({ call: 'pull', reference: 'busybox' })
    const up = await result<{ digest: Digest; diffId: Digest; unpackedSize: number }>(
      { call: 'ingest', mediaType: MEDIA_TYPES.ociLayer },
      app,
    )
    expect(up).toMatchObject({ digest: sha256(app), diffId: sha256(app), unpackedSize: 700_000 })
    expect(await content.store.collect()).toEqual([])
    const made = await result<ImageRecord>({
      call: 'create-image',
      config: { ...config, rootfs: { type: 'layers', diff_ids: [layers[0]!.diffId, up.diffId] } },
      layers: [layers[0]!.digest, up.digest],
      reference: 'built',
    })
    expect(made.references).toEqual(['docker.io/library/built:latest'])
    const manifest = await call({ call: 'blob', digest: made.manifestDigest })
    expect(JSON.parse(manifest.bytes.toString())).toMatchObject({
      config: { digest: made.id },
      layers: [{}, { digest: up.digest }],
    })
    await result({ call: 'untag', reference: 'busybox' })
    expect(await content.store.layers.open(layers[0]!.diffId)).toBeDefined()
  })

  it('stores one layer once, gzipped or not', async () => {
    const packed = new Uint8Array(gzipSync(app))
    const first = await result<{ digest: Digest; diffId: Digest }>(
      { call: 'ingest', mediaType: MEDIA_TYPES.ociLayerGzip },
      packed,
    )
    expect(first).toMatchObject({
      digest: sha256(packed),
      diffId: sha256(app),
      size: packed.length,
      unpackedSize: 700_000,
    })
    const before = (await keyValues.keys('data/')).length
    await result({ call: 'ingest', mediaType: MEDIA_TYPES.ociLayer }, app)
    expect((await keyValues.keys('data/')).length).toBe(before)
  })

  it('refuses an upload that isn’t what was expected, and reads it to its end', async () => {
    const expected = sha256(base)
    const { error } = await call({ call: 'ingest', mediaType: MEDIA_TYPES.ociLayer, expected }, app)
    expect(error?.code).toBe('corrupt')
    const json = await call({ call: 'ingest', mediaType: MEDIA_TYPES.ociConfig, expected }, Buffer.from('{}'))
    expect(json.error?.code).toBe('corrupt')
    expect(await keyValues.keys('data/')).toEqual([])
  })

  it('refuses an image whose layers are missing or don’t fit its configuration', async () => {
    const { config } = await result<ImageRecord>({ call: 'pull', reference: 'busybox' })
    const digest = sha256(app)
    const missing = { ...config, rootfs: { type: 'layers' as const, diff_ids: [digest] } }
    expect((await call({ call: 'create-image', config: missing, layers: [digest] })).error?.code).toBe(
      'not-found',
    )
    expect((await call({ call: 'create-image', config, layers: [] })).error?.code).toBe('corrupt')
  })

  it('refuses wrong names and unknown calls in a sentence', async () => {
    expect((await call({ call: 'pull', reference: 'Busy' })).error?.message).toContain('must be lowercase')
    expect((await call({ call: 'nonsense' } as unknown as ContentRequest)).error?.code).toBe('invalid')
  })

  it('does not hold a pull back for the pace of a prefetch', async () => {
    const held: (() => void)[] = []
    const pace = () => new Promise<void>((resolve) => void held.push(resolve))
    const prefetched = prefetchImages(content, ['nginx'], () => undefined, pace)
    await expect.poll(() => held.length).toBe(2)
    const waiting: string[] = []
    const pulled = pull(content, { reference: 'nginx' }, ({ status }) => {
      if (status === 'Waiting') waiting.push(status)
    })
    await expect.poll(() => waiting.length).toBe(2)
    for (const release of held) release()
    expect((await pulled).layers).toHaveLength(2)
    await prefetched
    // Of each layer the first piece alone; the second has seventy.
    expect(held.length).toBe(2)
  })

  it('lets go of a prefetch, whatever it waits for', async () => {
    const stop = new AbortController()
    let held = 0
    const pace = () => new Promise<void>(() => void held++)
    const prefetched = prefetchImages(content, ['nginx'], () => undefined, pace, stop.signal)
    const given = expect(prefetched).rejects.toThrow('shut down')
    await expect.poll(() => held).toBe(2)
    stop.abort(new EngineError('unavailable', 'shut down'))
    await given
    const reads = site.reads.length
    await expect(prefetchImages(content, [BUSYBOX], () => undefined, pace, stop.signal)).rejects.toThrow(
      'shut down',
    )
    expect(
      site.reads.slice(reads).filter((path) => path.includes(busybox.layers[0]!.digest.slice(7))),
    ).toEqual([])
  })

  it('pulls prefetched images with the network off, in the next session too', async () => {
    const reports: [number, number][] = []
    let paced = 0
    const pace = () => Promise.resolve(void paced++)
    await prefetchImages(content, [BUSYBOX], (loaded, total) => reports.push([loaded, total]), pace)
    const { size } = busybox.layers[0]!
    expect(paced).toBeGreaterThan(0)
    expect(reports[0]).toEqual([0, size])
    expect(reports.at(-1)).toEqual([size, size])
    expect(await result<ImageRecord[]>({ call: 'images' })).toEqual([])
    await content.store.collect()
    site.online = false
    content = open()
    expect((await call({ call: 'pull', reference: 'busybox' })).error).toBeUndefined()
    expect((await call({ call: 'pull', reference: 'nginx' })).error?.code).toBe('unavailable')
  })

  it('shows pulled layers over 9P, and brings in a bundled one that a restored guest asks for', async () => {
    const server = createNineServer(createRootTree(new Map(), { layers: createLayerProvider(content) }))
    const client = new NineClient(server)
    await client.mount()
    const hex = (digest: Digest): string => digest.slice('sha256:'.length)
    expect((await client.readFile(`layers/${hex(busybox.layers[0]!.diffId)}/bin/sh`)).toString()).toBe(
      'shell',
    )
    const listing = await client.walk('layers')
    await client.open(listing)
    expect((await client.list(listing)).map(({ name }) => name)).toEqual([hex(busybox.layers[0]!.diffId)])
    // A layer brings those below it: its undescribed directories take their attributes from them.
    const layered = layout.addImage(
      [makeTar([{ name: 'srv/', type: '5', mode: 0o700 }]), makeTar([{ name: 'srv/new' }])],
      {
        name: 'layered',
      },
    )
    content = open()
    const later = new NineClient(
      createNineServer(createRootTree(new Map(), { layers: createLayerProvider(content) })),
    )
    await later.mount()
    const srv = await later.walk(`layers/${hex(layered.layers[1]!.diffId)}/srv`)
    expect((await later.attributes(srv)).mode).toBe(0o40700)
    await expect(client.walk(`layers/${hex(sha256(base.subarray(1)))}`)).rejects.toMatchObject({ errno: 2 })
  })

  it('shows blobs of the store and of the site over 9P, by their digests', async () => {
    const blobs = createBlobProvider(content)
    const client = new NineClient(createNineServer(createRootTree(new Map(), { blobs })))
    await client.mount()
    const { digest } = await result<{ digest: Digest }>(
      { call: 'ingest', mediaType: 'application/vnd.oci.image.layer.v1.tar' },
      app,
    )
    expect((await client.readFile(`blobs/${digest}`)).equals(app)).toBe(true)
    const [layer] = busybox.layers
    expect(sha256(await client.readFile(`blobs/${layer!.digest}`))).toBe(layer!.digest)
    for (const name of [sha256(app.subarray(1)), 'sha256:short', 'none'])
      await expect(client.walk(`blobs/${name}`)).rejects.toMatchObject({ errno: 2 })
  })

  describe('takes what is written to a file of the 9P tree', () => {
    const LAYER = 'application/vnd.oci.image.layer.v1.tar'
    const O_WRONLY = 1

    /** A call that has begun, and the file that it wants to be written. */
    async function upload(request: Partial<ContentRequest> = {}) {
      const [ours, theirs] = byteStreamPair()
      const ingest = { call: 'ingest', mediaType: LAYER, upload: true, ...request } as ContentRequest
      const serving = serveContent(content, ingest, theirs)
      const line = new TextDecoder().decode((await ours.read())!)
      const server = createNineServer(createRootTree(new Map(), { uploads: content.uploads }))
      const client = new NineClient(server)
      await client.mount()
      const fid = await client.walk(`uploads/${(JSON.parse(line) as { upload: string }).upload}`)
      const answer = async (): Promise<Answer> => {
        const last = await ours.read()
        await serving
        return parseAnswer(Buffer.from(last!))
      }
      return { ours, serving, client, fid, answer }
    }

    it('as whole when the stream ends', async () => {
      const { ours, client, fid, answer } = await upload()
      // The kernel asks for both directions first.
      await expect(client.open(fid, 2)).rejects.toMatchObject({ errno: 30 })
      await client.open(fid, O_WRONLY)
      for (let at = 0; at < app.length; at += 60_000)
        await client.write(fid, at, app.subarray(at, at + 60_000))
      await ours.end()
      expect((await answer()).result).toMatchObject({ digest: sha256(app), size: app.length })
    })

    it('as given up when the stream breaks', async () => {
      const { ours, serving, client, fid } = await upload()
      await client.open(fid, O_WRONLY)
      await client.write(fid, 0, app)
      ours.reset('the archive broke')
      await serving
      await expect(client.write(fid, app.length, app)).rejects.toMatchObject({ errno: 5 })
      expect(await content.store.layers.list()).toEqual([])
    })

    it('and lets the writer go on when it is not what was expected', async () => {
      const { ours, client, fid, answer } = await upload({ expected: sha256(app) })
      await client.open(fid, O_WRONLY)
      await client.write(fid, 0, Buffer.from('no tar '.repeat(200)))
      await client.write(fid, 1400, app)
      await ours.end()
      expect((await answer()).error?.code).toBe('corrupt')
    })

    it('and lets it go on when nothing of it can be taken', async () => {
      const { ours, client, fid, answer } = await upload({ expected: 'sha256:short' as Digest })
      await client.open(fid, O_WRONLY)
      await client.write(fid, 0, app)
      await ours.end()
      expect((await answer()).error?.code).toBe('invalid')
    })
  })

  it('stops a pull whose caller has gone, and lets a later one finish', async () => {
    const [ours, theirs] = byteStreamPair()
    const serving = serveContent(content, { call: 'pull', reference: 'nginx' }, theirs)
    await ours.read()
    ours.reset('the engine died')
    await serving
    expect(await result<ImageRecord[]>({ call: 'images' })).toEqual([])
    expect((await call({ call: 'pull', reference: 'nginx' })).error).toBeUndefined()
  })
})

/** Lines of JSON up to the result, then raw bytes. */
function parseAnswer(bytes: Buffer): Answer {
  const answer: Answer = { progress: [], bytes: Buffer.alloc(0) }
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start)
    const line = JSON.parse(bytes.subarray(start, end).toString()) as {
      progress?: PullProgress
      result?: unknown
      error?: SerializedError
    }
    start = end + 1
    if (line.progress !== undefined) answer.progress.push(line.progress)
    else return { ...answer, ...line, bytes: bytes.subarray(start) } as Answer
  }
  return answer
}
