import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { makeChunkedTree, type MadeTree } from '../../../test/support/make-chunked-tree.ts'
import { NineClient, NineErrno, encodeRequest } from '../../../test/support/nine-client.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { ChunkedTree } from '../trees/chunked-tree.ts'
import type { FileTree } from '../trees/file-tree.ts'
import { MemoryChunkStore } from '../trees/memory-chunk-store.ts'
import { createNineServer, type NineServer } from './nine-server.ts'
import { ERRNO, NINE } from './nine-wire.ts'
import { createRootTree } from '../trees/root-tree.ts'

const big = new Uint8Array(randomBytes(2_500_000))
const base = { uid: 0, gid: 0, mtime: 1_700_000_000 }
const manyNames = Array.from({ length: 3000 }, (_, index) => `entry-${String(index).padStart(5, '0')}`)

const made = makeChunkedTree([
  { path: '', mode: 0o40755, ...base },
  { path: 'usr', mode: 0o40755, ...base },
  { path: 'usr/bin', mode: 0o40755, ...base },
  { path: 'usr/bin/su', mode: 0o104755, ...base, uid: 0, gid: 42, content: Buffer.from('#!set-uid') },
  { path: 'usr/bin/big', mode: 0o100644, ...base, nanoseconds: 123_456_789, content: big },
  { path: 'usr/bin/twin', mode: 0, ...base, hardlink: 'usr/bin/big' },
  { path: 'bin', mode: 0o120777, ...base, target: 'usr/bin' },
  { path: 'tty', mode: 0o20620, ...base, mtime: 4_000_000_000, device: [136, 300] },
  {
    path: 'caps',
    mode: 0o100755,
    ...base,
    content: Buffer.from('x'),
    xattrs: {
      'security.capability': Buffer.from([1, 0, 0, 2, 0xff, 0x80]).toString('base64'),
      'user.a': 'Yg==',
    },
  },
  { path: 'many', mode: 0o40755, ...base },
  ...manyNames.map((name) => ({ path: `many/${name}`, mode: 0o100600, ...base, content: new Uint8Array(0) })),
  { path: 'name-\udcff', mode: 0o100600, ...base, content: Buffer.from('latin') },
])

async function openTree(
  made: MadeTree,
  options: Partial<Parameters<typeof ChunkedTree.open>[0]> = {},
): Promise<ChunkedTree> {
  return ChunkedTree.open({
    name: 'system/debian',
    index: made.index,
    fetch: (name) => Promise.resolve(made.chunks.get(name)!),
    cache: new BlockCache(16 << 20),
    store: new MemoryChunkStore(),
    ...options,
  })
}

function rootOf(tree: FileTree): FileTree {
  return createRootTree(new Map([['debian', tree]]))
}

async function errno(call: Promise<unknown>): Promise<number> {
  const error = await call.then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof NineErrno)) throw error
  return error.errno
}

describe('the 9P server', () => {
  let server: NineServer
  let client: NineClient

  beforeEach(async () => {
    server = createNineServer(rootOf(await openTree(made)))
    client = new NineClient(server)
    await client.mount()
  })

  it('serves mode, owner, size, times and links of every kind of node', async () => {
    const su = await client.attributes(await client.walk('system/debian/usr/bin/su'))
    expect(su).toMatchObject({ mode: 0o104755, uid: 0, gid: 42, size: 9, nlink: 1, mtime: 1_700_000_000 })
    const big = await client.attributes(await client.walk('system/debian/usr/bin/big'))
    expect(big).toMatchObject({ size: 2_500_000, nlink: 2, nanoseconds: 123_456_789 })
    const link = await client.walk('system/debian/bin')
    expect(await client.attributes(link)).toMatchObject({ mode: 0o120777, size: 7 })
    expect(await client.readlink(link)).toBe('usr/bin')
    const tty = await client.attributes(await client.walk('system/debian/tty'))
    expect(tty).toMatchObject({
      mode: 0o20620,
      mtime: 4_000_000_000,
      rdev: (300 & 0xff) | (136 << 8) | (0x100 << 12),
    })
    const directory = await client.attributes(await client.walk('system/debian'))
    expect(directory).toMatchObject({ mode: 0o40755, nlink: 4 })
  })

  it('gives hard links one qid and everything else its own, below 2^32', async () => {
    const qid = async (path: string): Promise<bigint> =>
      (await client.attributes(await client.walk(path))).qid
    expect(await qid('system/debian/usr/bin/twin')).toBe(await qid('system/debian/usr/bin/big'))
    const paths = [
      '',
      'system',
      'layers',
      'system/debian',
      'system/debian/usr',
      'system/debian/bin',
      'system/debian/caps',
    ]
    const qids = new Set<bigint>()
    for (const path of paths) qids.add(await qid(path))
    expect(qids.size).toBe(paths.length)
    for (const value of qids) expect(value).toBeLessThan(2n ** 32n)
  })

  it('reads a file over chunk borders, to its end and not beyond', async () => {
    expect(Buffer.compare(await client.readFile('system/debian/usr/bin/big'), big)).toBe(0)
    const fid = await client.walk('system/debian/usr/bin/big')
    await client.open(fid)
    expect(await client.read(fid, 1_048_000, 2000)).toEqual(Buffer.from(big.subarray(1_048_000, 1_050_000)))
    expect(await client.read(fid, 2_499_990, 100)).toEqual(Buffer.from(big.subarray(2_499_990)))
    expect(await client.read(fid, 2_500_000, 100)).toHaveLength(0)
    expect(await client.read(fid, 9_000_000_000, 100)).toHaveLength(0)
  })

  it('never answers more than the msize agreed on', async () => {
    await client.mount(8192)
    const fid = await client.walk('system/debian/usr/bin/big')
    await client.open(fid)
    expect(await client.read(fid, 0, 500_000)).toHaveLength(8192 - 11)
    const many = await client.walk('system/debian/many')
    await client.open(many)
    expect(await client.list(many, 500_000)).toHaveLength(manyNames.length)
  })

  it('lists a big directory completely in any reply size, and refuses one too small for an entry', async () => {
    const fid = await client.walk('system/debian/many')
    await client.open(fid)
    for (const count of [50, 997, 524_264]) {
      const names = (await client.list(fid, count)).map((entry) => entry.name)
      expect(names).toEqual(manyNames)
    }
    expect(await errno(client.list(fid, 10))).toBe(ERRNO.EINVAL)
  })

  it('tells a directory entry’s type and number as getattr does', async () => {
    const fid = await client.walk('system/debian')
    await client.open(fid)
    const entries = new Map((await client.list(fid)).map((entry) => [entry.name, entry]))
    expect(entries.get('bin')?.type).toBe(10)
    expect(entries.get('usr')?.type).toBe(4)
    expect(entries.get('tty')?.type).toBe(2)
    expect(entries.get('caps')?.type).toBe(8)
    const usr = await client.attributes(await client.walk('system/debian/usr'))
    expect(entries.get('usr')?.qid).toBe(usr.qid)
  })

  it('keeps names that are not UTF-8', async () => {
    const name = Buffer.from('name-\xff', 'latin1')
    const reply = await client.call(NINE.Twalk, [
      { u32: 0 },
      { u32: 99 },
      { u16: 3 },
      { text: 'system' },
      { text: 'debian' },
      { text: name },
    ])
    expect(reply.readUInt16LE(0)).toBe(3)
  })

  it('walks part of the way when a later name is missing, and leaves newfid unused then', async () => {
    const names = ['system', 'debian', 'nowhere'].map((text) => ({ text }))
    const reply = await client.call(NINE.Twalk, [{ u32: 0 }, { u32: 77 }, { u16: 3 }, ...names])
    expect(reply.readUInt16LE(0)).toBe(2)
    expect(await errno(client.attributes(77))).toBe(ERRNO.EBADF)
    expect(await errno(client.walk('nowhere'))).toBe(ERRNO.ENOENT)
    expect(await errno(client.walk('x', await client.walk('system/debian/caps')))).toBe(ERRNO.ENOTDIR)
  })

  it('walks to . and .. and never above the root', async () => {
    const usr = await client.attributes(await client.walk('system/debian/usr'))
    const around = await client.attributes(await client.walk('system/debian/usr/bin/./..'))
    expect(around.qid).toBe(usr.qid)
    const top = await client.attributes(await client.walk('../../..'))
    expect(top.qid).toBe((await client.attributes(0)).qid)
  })

  it('serves xattrs byte for byte, lists their names, and says ENODATA for others', async () => {
    const fid = await client.walk('system/debian/caps')
    expect([...(await client.xattr(fid, 'security.capability'))]).toEqual([1, 0, 0, 2, 0xff, 0x80])
    expect((await client.xattr(fid, '')).toString()).toBe('security.capability\0user.a\0')
    expect(await errno(client.xattr(fid, 'trusted.overlay.opaque'))).toBe(ERRNO.ENODATA)
    expect(await client.xattr(await client.walk('system/debian/usr'), '')).toHaveLength(0)
  })

  it('answers every change with EROFS and every unknown request with EOPNOTSUPP', async () => {
    const fid = await client.walk('system/debian/caps')
    for (const type of [14, 16, 18, 20, 26, 32, 70, 72, 74, 76, 118])
      expect(await errno(client.call(type, [{ u32: fid }]))).toBe(ERRNO.EROFS)
    expect(await errno(client.open(fid, 2))).toBe(ERRNO.EROFS)
    for (const type of [0, 1, 7, 9, 54 + 100, 255])
      expect(await errno(client.call(type, [{ u32: fid }]))).toBe(ERRNO.EOPNOTSUPP)
    expect(await errno(client.call(NINE.Tremove, [{ u32: fid }]))).toBe(ERRNO.EROFS)
    expect(await errno(client.attributes(fid))).toBe(ERRNO.EBADF)
  })

  it('answers statfs, fsync, locks and reads of directories', async () => {
    const fid = await client.walk('system/debian/caps')
    expect((await client.call(NINE.Tstatfs, [{ u32: fid }])).readUInt32LE(0)).toBe(0x01021997)
    await client.call(NINE.Tfsync, [{ u32: fid }, { u32: 0 }])
    expect((await client.call(NINE.Tlock, [{ u32: fid }]))[0]).toBe(0)
    expect(await errno(client.read(await client.walk('system'), 0, 10))).toBe(ERRNO.EISDIR)
    const lock = [{ u32: fid }, { u8: 1 }, { u64: 5 }, { u64: 6 }, { u32: 7 }, { text: 'host' }]
    expect((await client.call(NINE.Tgetlock, lock))[0]).toBe(2)
  })

  it('answers within the call what is in memory', async () => {
    const fid = await client.walk('system/debian/usr/bin/su')
    await client.open(fid)
    await client.read(fid, 0, 10)
    const replies: number[] = []
    const respond = (type: number, fields: Parameters<typeof encodeRequest>[2]): void =>
      server.respond(encodeRequest(type, 1, fields), (reply) => replies.push(reply[4]!))
    respond(NINE.Tgetattr, [{ u32: fid }, { u64: 0x7ff }])
    respond(NINE.Tread, [{ u32: fid }, { u64: 0 }, { u32: 100 }])
    respond(NINE.Twalk, [{ u32: fid }, { u32: 999 }, { u16: 0 }])
    respond(NINE.Tlcreate, [{ u32: fid }])
    expect(replies).toEqual([NINE.Tgetattr + 1, NINE.Tread + 1, NINE.Twalk + 1, NINE.Rlerror])
  })

  it('answers every truncation and mutation of a request, and goes on', async () => {
    const walk = encodeRequest(NINE.Twalk, 9, [{ u32: 0 }, { u32: 50 }, { u16: 1 }, { text: 'system' }])
    for (let length = 0; length < walk.length; length++) {
      const short = walk.slice(0, length)
      expect((await server.handle(short))[4]).toBe(NINE.Rlerror)
      if (length >= 7) {
        new DataView(short.buffer).setUint32(0, length, true)
        expect((await server.handle(short))[4]).toBe(NINE.Rlerror)
      }
    }
    let seed = 1
    for (let round = 0; round < 3000; round++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      const broken = Uint8Array.from(walk)
      broken[4 + (seed % (walk.length - 4))] = seed >> 16
      const reply = await server.handle(broken)
      expect(new DataView(reply.buffer, reply.byteOffset).getUint32(0, true)).toBe(reply.length)
    }
    await client.mount()
    expect((await client.attributes(0)).mode).toBe(0o40555)
  })

  it('goes on after a restore with the fids, numbers and open files of the saved guest', async () => {
    const file = await client.walk('system/debian/usr/bin/big')
    await client.open(file)
    const { qid } = await client.attributes(file)
    const layers = await client.walk('layers')
    const state = JSON.parse(JSON.stringify(server.save()))

    const other = createNineServer(rootOf(await openTree(made)))
    other.restore(state)
    const restored = new NineClient(other)
    expect(await restored.read(file, 1_000_000, 1000)).toEqual(
      Buffer.from(big.subarray(1_000_000, 1_001_000)),
    )
    expect((await restored.attributes(file)).qid).toBe(qid)
    expect((await restored.attributes(layers)).mode).toBe(0o40555)
    expect(other.save().fids).toEqual(state.fids)
  })

  it('answers ESTALE for a restored fid whose file is gone', async () => {
    const file = await client.walk('system/debian/caps')
    const state = server.save()
    const other = createNineServer(createRootTree(new Map()))
    other.restore(state)
    expect(await errno(new NineClient(other).attributes(file))).toBe(ERRNO.ESTALE)
  })
})

describe('the 9P server while content is on its way', () => {
  it('answers a flushed request first, then the flush, and drops its late effect', async () => {
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const tree = await openTree(made, { fetch: (name) => gate.then(() => made.chunks.get(name)!) })
    const server = createNineServer(rootOf(tree))
    const client = new NineClient(server)
    await client.mount()
    const fid = await client.walk('system/debian/usr/bin/big')
    await client.open(fid)
    const order: string[] = []
    const read = server
      .handle(encodeRequest(NINE.Tread, 500, [{ u32: fid }, { u64: 0 }, { u32: 10 }]))
      .then((reply) => (order.push('read'), reply))
    let idle = false
    const whenIdle = server.idle().then(() => (idle = true))
    expect((await client.attributes(fid)).size).toBe(2_500_000)
    expect(idle).toBe(false)
    const flush = server
      .handle(encodeRequest(NINE.Tflush, 501, [{ u16: 500 }]))
      .then(() => order.push('flush'))
    await Promise.all([read, flush, whenIdle])
    expect(order).toEqual(['read', 'flush'])
    expect(new DataView((await read).buffer).getUint32(7, true)).toBe(ERRNO.EINTR)
    release()
    expect(await client.read(fid, 0, 4)).toEqual(Buffer.from(big.subarray(0, 4)))
  })

  it('answers EIO and reports the file when a chunk is damaged or unreachable', async () => {
    const errors: EngineError[] = []
    const damaged = await openTree(made, {
      fetch: (name) =>
        Promise.resolve(
          Uint8Array.from(made.chunks.get(name)!, (byte, index) => (index === 99 ? byte ^ 1 : byte)),
        ),
    })
    const server = createNineServer(rootOf(damaged), { onError: (error) => errors.push(error) })
    const client = new NineClient(server)
    await client.mount()
    const fid = await client.walk('system/debian/caps')
    await client.open(fid)
    expect(await errno(client.read(fid, 0, 1))).toBe(ERRNO.EIO)
    expect(errors[0]?.code).toBe('corrupt')
    expect(errors[0]?.message).toContain(made.index.chunks[2]!.name)
  })
})
