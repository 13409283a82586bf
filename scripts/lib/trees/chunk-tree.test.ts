import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { CHUNK_SIZE } from '../../../web/src/trees/tree-index.ts'
import { FileTree } from './file-tree.ts'
import { sha256 } from '../hash.ts'
import { chunkTree } from './chunk-tree.ts'

const MTIME = 1_700_000_000

/** Bytes that do not repeat, so that a wrong offset shows. */
function bytes(length: number, seed: number): Buffer {
  const data = Buffer.alloc(length)
  for (let i = 0, x = seed; i < length; i++) data[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16
  return data
}

async function chunked(tree: FileTree, rank: (path: string) => number = () => 0) {
  const { index, chunks } = await chunkTree(tree, rank)
  const content = Buffer.concat(index.chunks.map(({ name }) => gunzipSync(chunks.get(name)!)))
  const read = (path: string) => {
    const entry = index.entries.find((other) => other.path === path)!
    return content.subarray(entry.offset!, entry.offset! + entry.size!)
  }
  return { index, chunks, content, read }
}

describe('chunkTree', () => {
  it('gives back every file, those across chunk borders included', async () => {
    const tree = new FileTree(MTIME)
    const files = [10, CHUNK_SIZE, CHUNK_SIZE * 2 + 7, 0, 3].map(
      (size, n) => [`f${n}`, bytes(size, n + 1)] as const,
    )
    for (const [path, data] of files) tree.file(path, data)
    const { index, read, content } = await chunked(tree)
    for (const [path, data] of files) expect(read(path).equals(data)).toBe(true)
    expect(content.length).toBe(CHUNK_SIZE * 3 + 20)
    expect(index.chunks.map(({ rawSize }) => rawSize)).toEqual([CHUNK_SIZE, CHUNK_SIZE, CHUNK_SIZE, 20])
  })

  it('names chunks by their digest', async () => {
    const tree = new FileTree(MTIME)
    tree.file('a', 'content')
    const { index, chunks } = await chunked(tree)
    const [chunk] = index.chunks
    const stored = chunks.get(chunk!.name)!
    expect(chunk).toEqual({
      name: `${sha256(stored).slice(0, 32)}.gz`,
      sha256: sha256(stored),
      size: stored.length,
      rawSize: 7,
    })
  })

  it('lays files out by rank, then by path', async () => {
    const tree = new FileTree(MTIME)
    for (const path of ['a', 'b', 'node']) tree.file(path, path)
    const { content } = await chunked(tree, (path) => (path === 'node' ? 0 : 1))
    expect(content.toString()).toBe('nodeab')
  })

  it('stores equal contents once', async () => {
    const tree = new FileTree(MTIME)
    for (const path of ['a', 'b']) tree.file(path, 'same')
    const { content, read } = await chunked(tree)
    expect(content.toString()).toBe('same')
    expect(read('b').toString()).toBe('same')
  })

  it('describes every kind of node, parents first', async () => {
    const tree = new FileTree(MTIME)
    tree.file('d/file', 'x', { mode: 0o4755, xattrs: { 'security.capability': Buffer.from([1, 2]) } })
    tree.set('d/link', tree.get('d/file')!)
    tree.symlink('d/symlink', '../file')
    tree.set('d/null', { type: 'character', device: [1, 3], mode: 0o666, uid: 0, gid: 0, mtime: MTIME })
    tree.set('d/pipe', { type: 'fifo', mode: 0o600, uid: 7, gid: 8, mtime: 5 })
    const { index } = await chunked(tree)
    const root = { uid: 0, gid: 0, mtime: MTIME }
    const file = { ...root, mode: 0o104755, xattrs: { 'security.capability': 'AQI=' } }
    expect(index.entries).toEqual([
      { path: '', mode: 0o040755, ...root },
      { path: 'd', mode: 0o040755, ...root },
      { path: 'd/file', ...file, size: 1, offset: 0 },
      { path: 'd/link', ...file, hardlink: 'd/file' },
      { path: 'd/null', mode: 0o020666, ...root, device: [1, 3] },
      { path: 'd/pipe', mode: 0o010600, uid: 7, gid: 8, mtime: 5 },
      { path: 'd/symlink', mode: 0o120777, ...root, target: '../file' },
    ])
  })
})
