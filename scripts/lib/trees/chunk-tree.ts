import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  CHUNK_SIZE,
  type TreeChunk,
  type TreeEntry,
  type TreeIndex,
} from '../../../web/src/trees/tree-index.ts'
import type { FileNode, FileTree } from './file-tree.ts'
import { sha256 } from '../hash.ts'

const compress = promisify(gzip)

/** Chunks that are compressed at once: zlib runs them in libuv's four threads. */
const PARALLEL = 4

const TYPE_BITS = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  fifo: 0o010000,
  character: 0o020000,
  block: 0o060000,
} as const satisfies Record<FileNode['type'], number>

export interface ChunkedTree {
  index: TreeIndex
  /** Compressed chunks by file name. */
  chunks: Map<string, Buffer>
}

/**
 * Cuts a tree into chunks (web/src/trees/tree-index.ts). `rank` says how early a file's content comes: files of
 * equal rank keep the order of their paths, so that a folder read together lies together.
 */
export async function chunkTree(tree: FileTree, rank: (path: string) => number): Promise<ChunkedTree> {
  const { offsets, content } = layOut(tree, rank)
  const chunks = new Map<string, Buffer>()
  const list: TreeChunk[] = []
  for (let start = 0; start < content.length; start += CHUNK_SIZE * PARALLEL) {
    const batch = Array.from({ length: PARALLEL }, (_, n) => start + n * CHUNK_SIZE)
      .filter((at) => at < content.length)
      .map((at) => content.subarray(at, at + CHUNK_SIZE))
    const packed = await Promise.all(batch.map((raw) => compress(raw, { level: 9 })))
    packed.forEach((bytes, n) => {
      const digest = sha256(bytes)
      const name = `${digest.slice(0, 32)}.gz`
      chunks.set(name, bytes)
      list.push({ name, sha256: digest, size: bytes.length, rawSize: batch[n]!.length })
    })
  }
  return { index: { format: 1, chunks: list, entries: makeEntries(tree, offsets) }, chunks }
}

/** Concatenates each inode's content once; equal contents share one place. */
function layOut(
  tree: FileTree,
  rank: (path: string) => number,
): { offsets: Map<FileNode, number>; content: Buffer } {
  const files = tree
    .entries()
    .flatMap(([path, node]) => (node.type === 'file' ? [{ path, node, rank: rank(path) }] : []))
  files.sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
  const offsets = new Map<FileNode, number>()
  const places = new Map<string, number>()
  const parts: Buffer[] = []
  let end = 0
  for (const { node } of files) {
    if (offsets.has(node)) continue
    const key = sha256(node.data)
    const place = places.get(key) ?? end
    offsets.set(node, place)
    if (place !== end || node.data.length === 0) continue
    places.set(key, place)
    parts.push(node.data)
    end += node.data.length
  }
  return { offsets, content: Buffer.concat(parts) }
}

function makeEntries(tree: FileTree, offsets: Map<FileNode, number>): TreeEntry[] {
  const first = new Map<FileNode, string>()
  return tree.entries().map(([path, node]) => {
    const entry: TreeEntry = {
      path,
      mode: TYPE_BITS[node.type] | node.mode,
      uid: node.uid,
      gid: node.gid,
      mtime: node.mtime,
    }
    if (node.xattrs !== undefined) {
      entry.xattrs = Object.fromEntries(
        Object.entries(node.xattrs).map(([name, value]) => [name, value.toString('base64')]),
      )
    }
    const carrier = first.get(node)
    if (carrier !== undefined) return { ...entry, hardlink: carrier }
    first.set(node, path)
    if (node.type === 'file') return { ...entry, size: node.data.length, offset: offsets.get(node)! }
    if (node.type === 'symlink') return { ...entry, target: node.target }
    if (node.type === 'character' || node.type === 'block') return { ...entry, device: node.device }
    return entry
  })
}
