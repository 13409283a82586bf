import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeChunkedTree } from '../../../test/support/make-chunked-tree.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { ChunkedTree, type PrefetchProgress } from './chunked-tree.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { StoredChunks } from './stored-chunks.ts'
import { CHUNK_SIZE } from './tree-index.ts'

const MIB = 2 ** 20
const content = new Uint8Array(randomBytes(4.5 * MIB))
const base = { uid: 0, gid: 0, mtime: 0 }
const made = makeChunkedTree([
  { path: '', mode: 0o40755, ...base },
  { path: 'file', mode: 0o100644, ...base, content },
])
const names = made.index.chunks.map(({ name }) => name)
const total = made.index.chunks.reduce((sum, { size }) => sum + size, 0)

describe('a chunked tree', () => {
  let store: StoredChunks
  let fetched: string[]
  let online: boolean

  const open = (cache = new BlockCache(8 * MIB)): Promise<ChunkedTree> =>
    ChunkedTree.open({
      name: 'system/test',
      index: made.index,
      cache,
      store,
      fetch: (name) => {
        fetched.push(name)
        return online ? Promise.resolve(made.chunks.get(name)!) : Promise.reject(new Error('offline'))
      },
    })
  const read = async (tree: ChunkedTree, offset: number, length: number): Promise<Uint8Array> => {
    const target = new Uint8Array(length)
    await tree.readInto((await tree.root.directory!.lookup('file'))!, offset, target)
    return target
  }

  beforeEach(() => {
    store = new StoredChunks(new MemoryKeyValueStore())
    fetched = []
    online = true
  })

  it('fetches a chunk when it is first read, once for readers at the same time', async () => {
    const tree = await open()
    expect(fetched).toEqual([])
    const [first, second] = await Promise.all([read(tree, 0, 100), read(tree, 1000, 100)])
    expect(first).toEqual(content.slice(0, 100))
    expect(second).toEqual(content.slice(1000, 1100))
    expect(fetched).toEqual([names[0]])
    expect(tree.touched()).toEqual([names[0]])
  })

  it('answers at once what is in memory', async () => {
    const tree = await open()
    await read(tree, 0, 100)
    const file = (await tree.root.directory!.lookup('file'))!
    expect(tree.readInto(file, 5, new Uint8Array(10))).toBe(10)
  })

  it('has the next chunk on its way before a sequential reader gets there', async () => {
    const tree = await open()
    await read(tree, 0, 100)
    await read(tree, CHUNK_SIZE - 200, 150)
    expect(fetched).toEqual([names[0], names[1]])
    await read(tree, CHUNK_SIZE, 10)
    expect(fetched.length).toBe(2)
  })

  it('works from the store when the network is off, in the next session too', async () => {
    const seen: PrefetchProgress[] = []
    const tree = await open()
    expect(tree.missing()).toBe(total)
    await tree.prefetch((progress) => seen.push(progress))
    expect(seen[0]).toEqual({ loaded: 0, total })
    expect(seen.at(-1)).toEqual({ loaded: total, total })
    online = false
    const next = await open()
    expect(next.missing()).toBe(0)
    expect(Buffer.compare(await read(next, 0, content.length), content)).toBe(0)
    expect(fetched.length).toBe(names.length)
  })

  it('prefetches only the chunks named, sharing the download with a reader', async () => {
    const tree = await open()
    await Promise.all([
      tree.prefetch(() => undefined, { names: new Set([names[2]!]) }),
      read(tree, 2 * CHUNK_SIZE, 10),
    ])
    expect(fetched).toEqual([names[2]])
    expect(tree.missing()).toBe(total - made.index.chunks[2]!.size)
  })

  it('fetches no further chunk for a prefetch that is given up', async () => {
    const tree = await open()
    const stop = new AbortController()
    const reason = new Error('shut down')
    const pace = () => (fetched.length === 0 ? Promise.resolve() : new Promise<void>(() => undefined))
    const report = ({ loaded }: PrefetchProgress): void => {
      if (loaded > 0) stop.abort(reason)
    }
    await expect(tree.prefetch(report, { pace, signal: stop.signal })).rejects.toBe(reason)
    const before = fetched.length
    await expect(tree.prefetch(report, { signal: stop.signal })).rejects.toBe(reason)
    expect(fetched.length).toBe(before)
  })

  it('names a stored chunk that is damaged, and counts it as missing until it is fetched again', async () => {
    await (await open()).prefetch(() => undefined)
    await store.put(names[1]!, new Uint8Array(3))
    const tree = await open()
    let checked = 0
    expect(await tree.verify((bytes) => (checked += bytes))).toEqual([`system/test/${names[1]!}`])
    expect(checked).toBe(tree.size())
    expect(tree.missing()).toBe(made.index.chunks[1]!.size)
    await tree.prefetch(() => undefined)
    expect([tree.missing(), await (await open()).verify(() => undefined)]).toEqual([0, []])
  })

  it('names a damaged chunk that cannot be fetched again', async () => {
    await (await open()).prefetch(() => undefined)
    await store.put(names[0]!, new Uint8Array(3))
    online = false
    await expect(read(await open(), 0, 100)).rejects.toThrow(
      `system/test/${names[0]!} is damaged in the browser’s storage`,
    )
  })

  it('names a chunk that a reader found damaged, until it is fetched', async () => {
    await (await open()).prefetch(() => undefined)
    await store.put(names[0]!, new Uint8Array(3))
    const tree = await open()
    online = false
    await expect(read(tree, 0, 100)).rejects.toThrow('damaged')
    expect(await tree.verify(() => undefined)).toEqual([`system/test/${names[0]!}`])
    online = true
    await tree.prefetch(() => undefined)
    expect(await tree.verify(() => undefined)).toEqual([])
  })

  it('fetches a stored chunk again when it was damaged', async () => {
    const tree = await open()
    await store.put(names[0]!, new Uint8Array(10))
    const damaged = await open()
    expect(await read(damaged, 0, 100)).toEqual(content.slice(0, 100))
    expect(fetched).toEqual([names[0]])
    expect(tree.id).toBe(damaged.id)
  })

  it('tries again after a failed download', async () => {
    const tree = await open()
    online = false
    await expect(read(tree, 0, 10)).rejects.toThrow('offline')
    online = true
    expect(await read(tree, 0, 10)).toEqual(content.slice(0, 10))
  })

  it('keeps no more unpacked bytes than it may', async () => {
    const cache = new BlockCache(2 * MIB)
    const tree = await open(cache)
    await read(tree, 0, content.length)
    expect(cache.size).toBeLessThanOrEqual(2 * MIB)
    expect(await read(tree, 0, 10)).toEqual(content.slice(0, 10))
  })

  it('drops the chunks of an earlier site', async () => {
    await store.put('old.gz', new Uint8Array(1))
    await store.put(names[0]!, made.chunks.get(names[0]!)!)
    await store.prune(new Set(names))
    expect(await store.names()).toEqual([names[0]])
  })

  it('refuses an index of another format or with holes', async () => {
    const index = { ...made.index, format: 2 as 1 }
    const options = { name: 't', cache: new BlockCache(MIB), store, fetch: () => Promise.reject(new Error()) }
    await expect(ChunkedTree.open({ ...options, index })).rejects.toMatchObject({ code: 'not-supported' })
    const holes = { ...made.index, chunks: made.index.chunks.map((chunk) => ({ ...chunk, rawSize: 5 })) }
    await expect(ChunkedTree.open({ ...options, index: holes })).rejects.toMatchObject({ code: 'corrupt' })
  })
})
