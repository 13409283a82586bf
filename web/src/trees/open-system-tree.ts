/** Opens a system tree of the guest (public/guest/system/<name>) as built by scripts/lib/trees/chunk-tree.ts. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BlockCache } from '../storage/block-cache.ts'
import { ChunkedTree, type ChunkStore } from './chunked-tree.ts'
import { hexDigest } from '../storage/digest.ts'
import { gunzipStream } from '../storage/gunzip.ts'
import { parseTreeIndex, type TreeIndex } from './tree-index.ts'

/** The bytes of a file of the site, by its path below the base URL. Rejects with EngineError `unavailable`. */
export type SiteReader = (path: string) => Promise<Uint8Array>

export interface SystemTreeOptions {
  /** `debian` or `porthole`. */
  name: string
  read: SiteReader
  cache: BlockCache
  store: ChunkStore
  /** The index file, e.g. `guest/system/debian/index.json.gz`; chunks stand beside it. */
  indexPath: string
  /** sha256 of the index file in hex, from the manifest. */
  indexSha256: string
}

/** @throws EngineError `corrupt` when the index isn't the manifest's, `unavailable` when it can't be read */
export async function openSystemTree(options: SystemTreeOptions): Promise<ChunkedTree> {
  const { name, read, cache, store, indexPath, indexSha256 } = options
  const bytes = await read(indexPath)
  const actual = await hexDigest(bytes)
  if (actual !== indexSha256)
    throw new EngineError(
      'corrupt',
      `${indexPath} is not the file of the manifest: its sha256 is ${actual}, expected ${indexSha256}`,
    )
  const folder = indexPath.slice(0, indexPath.lastIndexOf('/') + 1)
  return ChunkedTree.open({
    name: `system/${name}`,
    index: await parseIndex(bytes, indexPath),
    fetch: (chunk) => read(`${folder}${chunk}`),
    cache,
    store,
  })
}

async function parseIndex(bytes: Uint8Array, path: string): Promise<TreeIndex> {
  const decoder = new TextDecoder()
  let text = ''
  if (path.endsWith('.gz')) {
    for await (const part of gunzipStream([bytes], path)) text += decoder.decode(part, { stream: true })
  }
  text += path.endsWith('.gz') ? decoder.decode() : decoder.decode(bytes)
  return parseTreeIndex(text, path)
}
