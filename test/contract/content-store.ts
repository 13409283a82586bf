/** What the content store must do on every key-value store; each runs it (content-store.test.ts). */
import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Digest, OciImageConfig } from '../../guest/protocol/api/content.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { BLOCK_SIZE } from '../../web/src/content/block-writer.ts'
import { ContentStore } from '../../web/src/content/content-store.ts'
import type { FileTree } from '../../web/src/trees/file-tree.ts'
import type { KeyValueStore } from '../../web/src/storage/key-value-store.ts'
import { makeTar } from '../support/make-tar.ts'

const MEDIA_TYPE = 'application/octet-stream'

export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

async function* pieces(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function collectBytes(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  const error = await promise.then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof EngineError)) throw error
  return error
}

async function readFile(tree: FileTree, name: string): Promise<Buffer> {
  const node = await tree.root.directory!.lookup(name)
  const target = new Uint8Array(node!.size)
  expect(await tree.readInto(node!, 0, target)).toBe(node!.size)
  return Buffer.from(target)
}

function configFor(...diffIds: Digest[]): OciImageConfig {
  return { architecture: '386', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } }
}

export function describeContentStore(name: string, open: () => KeyValueStore): void {
  describe(`the content store on ${name}`, () => {
    let keyValues: KeyValueStore
    let store: ContentStore
    const big = new Uint8Array(randomBytes(3 * BLOCK_SIZE + 1234))

    const reopen = (): ContentStore => new ContentStore(keyValues, new BlockCache(1 << 22))
    const put = async (bytes: Uint8Array): Promise<Digest> =>
      (await store.blobs.put(MEDIA_TYPE, bytes)).digest
    const unpack = (tar: Uint8Array, diffId?: Digest): ReturnType<ContentStore['layers']['unpack']> =>
      store.layers.unpack(pieces(tar), { name: 'test', compression: 'none', diffId })

    beforeEach(() => {
      keyValues = open()
      store = reopen()
    })

    it('stores a blob under its digest and reads it back whole', async () => {
      const ingest = await store.blobs.ingest({
        mediaType: MEDIA_TYPE,
        digest: sha256(big),
        size: big.length,
      })
      for await (const piece of pieces(big, 70_001)) await ingest.write(piece)
      expect(await store.blobs.get(sha256(big))).toBeUndefined()
      await ingest.commit()
      expect(Buffer.compare(await collectBytes(reopen().blobs.read(sha256(big))), big)).toBe(0)
      expect(await failure(collectBytes(store.blobs.read(sha256(new Uint8Array(1)))))).toMatchObject({
        code: 'not-found',
      })
    })

    it('stores the empty blob', async () => {
      const digest = await put(new Uint8Array(0))
      expect(await store.blobs.readAll(digest)).toHaveLength(0)
    })

    it('refuses a wrong digest, a wrong size and too many bytes, and keeps nothing of them', async () => {
      const wrong = sha256(Buffer.from('other'))
      const cases = [
        { digest: wrong, size: big.length },
        { digest: sha256(big), size: big.length + 1 },
        { digest: sha256(big), size: big.length - 1 },
      ]
      for (const { digest, size } of cases) {
        const ingest = await store.blobs.ingest({ mediaType: MEDIA_TYPE, digest, size })
        const error = await failure(ingest.write(big).then(() => ingest.commit()))
        expect(error.code).toBe('corrupt')
        expect(error.message).toContain(digest)
      }
      expect(await keyValues.keys('')).toEqual([])
    })

    it('resumes an ingest that broke off, in another session too', async () => {
      const descriptor = { mediaType: MEDIA_TYPE, digest: sha256(big), size: big.length }
      const first = await store.blobs.ingest(descriptor)
      await first.write(big.subarray(0, 2 * BLOCK_SIZE + 99))
      const second = await reopen().blobs.ingest(descriptor)
      expect(second.offset).toBe(2 * BLOCK_SIZE)
      await second.write(big.subarray(second.offset))
      await second.commit()
      expect(Buffer.compare(await store.blobs.readAll(sha256(big)), big)).toBe(0)
    })

    it('finds out when what it resumes from is damaged', async () => {
      const descriptor = { mediaType: MEDIA_TYPE, digest: sha256(big), size: big.length }
      await (await store.blobs.ingest(descriptor)).write(big.subarray(0, BLOCK_SIZE))
      const [key] = await keyValues.keys('data/')
      await keyValues.setMany([[key!, new Uint8Array(BLOCK_SIZE)]])
      const again = await store.blobs.ingest(descriptor)
      await again.write(big.subarray(again.offset))
      expect((await failure(again.commit())).code).toBe('corrupt')
      expect((await store.blobs.ingest(descriptor)).offset).toBe(0)
    })

    it('refuses a blob whose stored block was damaged, naming it', async () => {
      const digest = await put(big)
      const keys = await keyValues.keys('data/')
      const damaged = Uint8Array.from((await keyValues.get(keys[1]!)) as Uint8Array)
      damaged[5]! ^= 1
      await keyValues.setMany([[keys[1]!, damaged]])
      const error = await failure(collectBytes(store.blobs.read(digest)))
      expect(error.code).toBe('corrupt')
      expect(error.message).toContain(digest)
    })

    it('unpacks a gzipped layer once, by diffId, and serves its files after a reopen', async () => {
      const tar = makeTar([
        { name: 'big', content: big },
        { name: 'd/small', content: 'hello' },
      ])
      const packed = new Uint8Array(gzipSync(tar, { level: 1 }))
      const options = { name: 'test', compression: 'gzip', diffId: sha256(tar) } as const
      const record = await store.layers.unpack(pieces(packed), options)
      expect(record).toMatchObject({ diffId: sha256(tar), unpackedSize: big.length + 5 })
      const blocks = (await keyValues.keys('data/')).length
      await unpack(tar)
      expect((await keyValues.keys('data/')).length).toBe(blocks)
      const tree = await reopen().layers.open(sha256(tar))
      expect(Buffer.compare(await readFile(tree!, 'big'), big)).toBe(0)
      expect(Buffer.compare(await collectBytes(store.layers.readTar(sha256(tar))), tar)).toBe(0)
      expect(await store.layers.open(sha256(big))).toBeUndefined()
    })

    it('serves files that were open before a layer was removed and brought back', async () => {
      const tar = makeTar([{ name: 'big', content: big }])
      const { diffId } = await unpack(tar)
      const opened = (await store.layers.open(diffId))!
      await store.layers.delete(diffId)
      await unpack(tar)
      expect(Buffer.compare(await readFile(opened, 'big'), big)).toBe(0)
    })

    it('refuses a damaged, truncated or mislabelled layer by name and leaves nothing', async () => {
      const tar = makeTar([{ name: 'a', content: big }])
      const packed = new Uint8Array(gzipSync(tar, { level: 1 }))
      const flipped = packed.map((byte, index) => (index === 2000 ? byte ^ 1 : byte))
      const cases: [Uint8Array, 'gzip' | 'none', Digest?][] = [
        [flipped, 'gzip'],
        [packed.subarray(0, packed.length - 20), 'gzip'],
        [Buffer.from('not gzip at all'), 'gzip'],
        [tar.subarray(0, 100_000), 'none'],
        [packed, 'none'],
        [packed, 'gzip', sha256(big)],
      ]
      for (const [bytes, compression, diffId] of cases) {
        const error = await failure(
          store.layers.unpack(pieces(bytes), { name: 'sha256:named', compression, diffId }),
        )
        expect(error.code).toBe('corrupt')
        expect(error.message).toContain('sha256:named')
      }
      expect(await keyValues.keys('')).toEqual([])
    })

    it('refuses a layer whose stored blocks or index were damaged', async () => {
      const tar = makeTar([{ name: 'a', content: big }])
      const { diffId, index } = await unpack(tar)
      const [, second] = await keyValues.keys('data/')
      const block = Uint8Array.from((await keyValues.get(second!)) as Uint8Array)
      block[0]! ^= 1
      await keyValues.setMany([[second!, block]])
      const tree = (await reopen().layers.open(diffId))!
      expect((await failure(readFile(tree, 'a'))).code).toBe('corrupt')
      const record = (await keyValues.get(`layer/${diffId}`)) as object
      await keyValues.setMany([[`layer/${diffId}`, { ...record, index: index.slice().fill(32, 0, 3) }]])
      expect((await failure(reopen().layers.open(diffId))).code).toBe('corrupt')
    })

    it('collects what nothing needs, and keeps images, references and leases whole', async () => {
      const tar = makeTar([{ name: 'a', content: 'kept' }])
      const { diffId } = await unpack(tar)
      const lost = (await unpack(makeTar([{ name: 'b', content: 'lost' }]))).diffId
      const id = await put(Buffer.from('config'))
      const manifestDigest = await put(Buffer.from('manifest'))
      const leased = await put(Buffer.from('leased'))
      const unused = await put(Buffer.from('unused'))
      const layer = { digest: diffId, diffId, mediaType: 'm', size: 1, unpackedSize: 4 }
      await store.images.put(
        { id, manifestDigest, config: configFor(diffId), layers: [layer] },
        'docker.io/library/a:latest',
      )
      await store.lease('container', [leased])
      expect(new Set(await store.collect())).toEqual(new Set([lost, unused]))
      expect(await store.collect()).toEqual([])
      expect(await readFile((await reopen().layers.open(diffId))!, 'a')).toEqual(Buffer.from('kept'))

      await store.release('container')
      expect(await store.collect()).toEqual([leased])
      await store.images.delete(id)
      expect(new Set(await store.collect())).toEqual(new Set([id, manifestDigest, diffId]))
      expect(await store.layers.open(diffId)).toBeUndefined()
      expect(await keyValues.keys('')).toEqual([])
    })

    it('keeps an image that has lost its last name, and lists names where they point', async () => {
      const id = await put(Buffer.from('config'))
      const image = { id, manifestDigest: id, config: configFor(), layers: [] }
      await store.images.put(image, 'docker.io/library/a:1')
      await store.images.tag(id, 'docker.io/library/a:2')
      expect((await store.images.record(id)).references).toEqual([
        'docker.io/library/a:1',
        'docker.io/library/a:2',
      ])
      await store.images.untag('docker.io/library/a:1')
      await store.images.untag('docker.io/library/a:2')
      expect(await store.collect()).toEqual([])
      expect((await store.images.records()).map((record) => record.references)).toEqual([[]])
      expect((await failure(store.images.tag(sha256(big), 'x'))).code).toBe('not-found')
    })

    it('lets leases of a pull run out, and keeps an ingest in progress', async () => {
      const blob = await put(Buffer.from('leased'))
      await store.lease('short', [blob], -1)
      const ingest = await store.blobs.ingest({
        mediaType: MEDIA_TYPE,
        digest: sha256(big),
        size: big.length,
      })
      await ingest.write(big.subarray(0, 2 * BLOCK_SIZE))
      expect(await store.collect()).toEqual([blob])
      await ingest.write(big.subarray(2 * BLOCK_SIZE))
      await ingest.commit()
      expect(Buffer.compare(await store.blobs.readAll(sha256(big)), big)).toBe(0)
    })

    it('removes blocks whose writer died before there was a record', async () => {
      await keyValues.setMany([['data/layer-dead/00000000', new Uint8Array(10)]])
      await keyValues.setMany([
        ['ingest/layer-old', { started: 0 }],
        ['data/layer-old/00000000', new Uint8Array(10)],
      ])
      await store.collect()
      expect(await keyValues.keys('')).toEqual([])
    })
  })
}
