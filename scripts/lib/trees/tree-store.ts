import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileTree } from './file-tree.ts'
import { chunkTree } from './chunk-tree.ts'

/** Writes a tree as `index.json.gz` and its chunks into a folder, which web/src/trees serves over 9P. */
export async function storeTree(tree: FileTree, dir: string, rank: (path: string) => number): Promise<void> {
  const { index, chunks } = await chunkTree(tree, rank)
  for (const [name, bytes] of chunks) await writeFile(join(dir, name), bytes)
  await writeFile(join(dir, 'index.json.gz'), await promisify(gzip)(JSON.stringify(index), { level: 9 }))
}
