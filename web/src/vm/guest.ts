/** The whole guest: its system trees and image layers behind 9P, and the machine that mounts them. Runs in a worker and in Node. */
import type { StreamHandler } from '../../../guest/protocol/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { BlockCache } from '../layers/block-cache.ts'
import type { ChunkStore, ChunkedTree } from '../layers/chunked-tree.ts'
import { createNineServer } from '../layers/nine-server.ts'
import type { NineServer } from '../layers/nine-server.ts'
import { openSystemTree } from '../layers/open-system-tree.ts'
import type { SiteReader } from '../layers/open-system-tree.ts'
import { createRootTree } from '../layers/root-tree.ts'
import type { LayerProvider } from '../layers/root-tree.ts'
import type { OnBootProgress } from './boot-progress.ts'
import { DEFAULT_MEMORY, boot } from './boot.ts'
import type { Machine } from './machine.ts'
import { MANIFEST_PATH, manifestFile, parseManifest } from './manifest.ts'
import type { GuestManifest } from './manifest.ts'
import type { SnapshotIndex } from './snapshot.ts'

export interface GuestOptions {
  read: SiteReader
  wasm: () => Promise<WebAssembly.Module>
  chunks: ChunkStore
  /** Unpacked blocks that system trees and layers share. */
  blocks: BlockCache
  layers: LayerProvider
  /** Serves the streams that the guest opens: the content store. */
  onStream: StreamHandler
  onProgress: OnBootProgress
  /** A file of a tree could not be had, which the guest sees as EIO only. */
  onFileError: (error: EngineError) => void
  /** MiB. */
  memory?: number
  cold?: boolean
}

export interface Guest {
  machine: Machine
  manifest: GuestManifest
  memory: number
  restored: boolean
  nine: NineServer
  /** By name: `debian`, `porthole`. */
  trees: ReadonlyMap<string, ChunkedTree>
}

/** In MiB: below, the engine does not fit; above, a browser tab does not (and our kernel sees 896 MiB at most). */
const MEMORY_LIMITS = { least: 96, most: 512 } as const
const SYSTEM_TREES = ['debian', 'porthole'] as const

export async function openGuest(options: GuestOptions): Promise<Guest> {
  const { onProgress, read } = options
  const memory = checkMemory(options.memory ?? DEFAULT_MEMORY)
  onProgress({ step: 'manifest', state: 'running' })
  const manifest = parseManifest(await read(MANIFEST_PATH))
  const trees = await openTrees(options, manifest)
  onProgress({ step: 'manifest', state: 'done' })
  const nine = createNineServer(createRootTree(trees, options.layers), { onError: options.onFileError })
  const { machine, restored } = await boot({
    ...options,
    manifest,
    nine,
    memory,
    cold: options.cold ?? false,
    onSnapshot: (index) =>
      void warm(trees, index).catch((error: unknown) => options.onFileError(EngineError.from(error))),
  })
  return { machine, manifest, memory, restored, nine, trees }
}

async function openTrees(options: GuestOptions, manifest: GuestManifest): Promise<Map<string, ChunkedTree>> {
  const open = async (name: string) => {
    const file = manifestFile(manifest, `guest/system/${name}/index.json.gz`)
    const { read, blocks, chunks } = options
    const tree = await openSystemTree({
      name,
      read,
      cache: blocks,
      store: chunks,
      indexPath: file.path,
      indexSha256: file.sha256,
    })
    return [name, tree] as const
  }
  return new Map(await Promise.all(SYSTEM_TREES.map(open)))
}

/** Fetches, alongside the state, the chunks that the first commands are known to read. */
async function warm(trees: ReadonlyMap<string, ChunkedTree>, index: SnapshotIndex): Promise<void> {
  const names = new Set(index.warmChunks)
  await Promise.all(Array.from(trees.values(), (tree) => tree.prefetch(() => undefined, names)))
}

function checkMemory(memory: number): number {
  const { least, most } = MEMORY_LIMITS
  if (Number.isInteger(memory) && memory >= least && memory <= most) return memory
  throw new EngineError('invalid', `a guest has ${least} to ${most} MiB of memory, not ${memory}`, { memory })
}
