/** A chunked tree (tree-index.ts) made in memory, as scripts/chunk-tree.ts makes it on disk. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { CHUNK_SIZE, type TreeEntry, type TreeIndex } from '../../web/src/trees/tree-index.ts'

export interface MadeTree {
  index: TreeIndex
  /** Compressed chunks by name. */
  chunks: Map<string, Uint8Array>
}

/** @param entries as in the index; `content` of regular files is laid out in the order given */
export function makeChunkedTree(entries: readonly (TreeEntry & { content?: Uint8Array })[]): MadeTree {
  const contents: Uint8Array[] = []
  let length = 0
  const indexed = entries.map(({ content, ...entry }): TreeEntry => {
    if (content === undefined) return entry
    const offset = length
    contents.push(content)
    length += content.length
    return { ...entry, size: content.length, offset }
  })
  const all = Buffer.concat(contents)
  const chunks = new Map<string, Uint8Array>()
  const index: TreeIndex = { format: 1, chunks: [], entries: indexed }
  for (let start = 0; start < all.length; start += CHUNK_SIZE) {
    const raw = all.subarray(start, start + CHUNK_SIZE)
    const packed = new Uint8Array(gzipSync(raw, { level: 1 }))
    const sha256 = createHash('sha256').update(packed).digest('hex')
    const name = `${sha256.slice(0, 32)}.gz`
    chunks.set(name, packed)
    index.chunks.push({ name, sha256, size: packed.length, rawSize: raw.length })
  }
  return { index, chunks }
}
