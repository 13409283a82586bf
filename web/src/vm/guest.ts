/** The whole guest: its system trees and image layers behind 9P, and the machine that mounts them. Runs in a worker and in Node. */
import type { StreamHandler } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { BlockCache } from '../storage/block-cache.ts'
import type { SiteFiles } from '../catalogue/catalogue.ts'
import type { ChunkStore, ChunkedTree } from '../trees/chunked-tree.ts'
import { createContent } from '../content-service/content-service.ts'
import type { Content } from '../content-service/content-service.ts'
import { contentStreams } from '../content-service/content-streams.ts'
import type { Fetch } from '../catalogue/http-bytes.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { createBlobProvider } from '../content-service/blob-provider.ts'
import { createLayerProvider } from '../content-service/layer-provider.ts'
import { createNineServer } from '../nine/nine-server.ts'
import type { NineServer } from '../nine/nine-server.ts'
import { registryStreams } from '../registry-server/registry-streams.ts'
import { openSystemTree, type SiteReader } from '../trees/open-system-tree.ts'
import { createRootTree } from '../trees/root-tree.ts'
import { createVolumes } from '../volumes/volume-streams.ts'
import type { Volumes } from '../volumes/volume-streams.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import type { OnBootProgress } from './boot-progress.ts'
import { DEFAULT_MEMORY, boot, type BootParts } from './boot.ts'
import type { Machine } from './machine.ts'
import { MANIFEST_PATH, manifestFile, parseManifest } from './manifest.ts'
import type { GuestManifest } from './manifest.ts'
import { saveMachine, type SavedMachine } from './saved-machine.ts'
import { readPageHashes, type SnapshotIndex } from './snapshot.ts'

export interface GuestOptions {
  /** The site's files: guest/ and images/. */
  files: SiteFiles
  wasm: () => Promise<WebAssembly.Module>
  /** Keeps images with their layers, and the volumes. */
  keyValues: KeyValueStore
  /** Locks by which the pages that share `keyValues` agree which of them keeps volumes. */
  locks?: LockManager
  /** Keeps chunks of the system trees. */
  chunks: ChunkStore
  /** Bytes of unpacked chunks and layer blocks to keep in memory. */
  blockCache: number
  /** The fetch that reaches registries; default: the global one. */
  fetch?: Fetch
  onProgress: OnBootProgress
  /** Called when a file of a tree or a layer could not be read, of which the guest sees only EIO. */
  onFileError: (error: EngineError) => void
  /** MiB. */
  memory?: number
  cold?: boolean
  /** See BootParts. */
  saved?: BootParts['saved']
  /** Default: true. */
  waitForEngine?: boolean
  /** Ends the boot with the signal's reason, whatever step it is in. */
  signal?: AbortSignal
}

export interface Guest {
  machine: Machine
  manifest: GuestManifest
  memory: number
  restored: boolean
  nine: NineServer
  content: Content
  /** The caller closes them once the machine is shut down. */
  volumes: Volumes
  /** By name: `debian`, `porthole`. */
  trees: ReadonlyMap<string, ChunkedTree>
  /** Volumes of a saved machine whose newer data the page gave back, for which their containers were started again. */
  returned: readonly string[]
  /** Fetches what `save` needs of the site, so that it needs no network. */
  prepareToSave(): Promise<void>
  /**
   * Saves the machine, which goes on. Rejects with EngineError `not-supported` for one that was booted without the
   * snapshot: there is nothing that it began from.
   */
  save(): Promise<SavedMachine>
}

/**
 * MiB: with less the engine does not fit into the guest, with more the guest does not fit into a browser tab (and our
 * kernel sees 896 MiB at most).
 */
const MEMORY_LIMITS = { least: 96, most: 512 } as const
const SYSTEM_TREES = ['debian', 'porthole'] as const

export async function openGuest(options: GuestOptions): Promise<Guest> {
  const { onProgress, onFileError, files, keyValues, fetch, signal } = options
  const memory = checkMemory(options.memory ?? DEFAULT_MEMORY)
  const blocks = new BlockCache(options.blockCache)
  const content = createContent({ keyValues, files, blocks, fetch })
  onProgress({ step: 'manifest', state: 'running' })
  const manifest = parseManifest(await unlessAborted(files.read(MANIFEST_PATH, signal), signal))
  const trees = await unlessAborted(openTrees(options, manifest, blocks), signal)
  onProgress({ step: 'manifest', state: 'done' })
  const root = createRootTree(trees, {
    layers: createLayerProvider(content),
    blobs: createBlobProvider(content),
    uploads: content.uploads,
  })
  const nine = createNineServer(root, { onError: onFileError })
  const volumes = createVolumes(keyValues, options.locks)
  const read: SiteReader = (path) => files.read(path, signal)
  let snapshot: SnapshotIndex | undefined
  let returned: readonly string[] = []
  const booting = boot({
    read,
    manifest,
    wasm: options.wasm,
    nine,
    onStream: contentStreams(
      content,
      volumes.streams(registryStreams(content.registry.handle, refuseStream)),
    ),
    memory,
    cold: options.cold ?? false,
    saved: async (base) => {
      const saved = await options.saved?.(base)
      if (saved) returned = await volumes.goesOn(saved.volumes)
      return saved
    },
    waitForEngine: options.waitForEngine ?? true,
    onProgress,
    signal,
    onSnapshot: (index) => {
      snapshot = index
      warm(trees, index).catch((error: unknown) => onFileError(EngineError.from(error)))
    },
  })
  booting.catch(() => volumes.close())
  const { machine, restored } = await booting
  const base = restored ? snapshot : undefined
  const saving = createSaver({ machine, nine, memory, volumes, read, snapshot: base })
  return { machine, manifest, memory, restored, nine, content, volumes, trees, returned, ...saving }
}

interface Saver extends Pick<Guest, 'machine' | 'nine' | 'memory' | 'volumes'> {
  read: SiteReader
  snapshot: SnapshotIndex | undefined
}

function createSaver({ read, snapshot, volumes, ...parts }: Saver): Pick<Guest, 'save' | 'prepareToSave'> {
  let reading: Promise<Uint32Array> | undefined
  const base = async (index: SnapshotIndex): Promise<Uint32Array> => {
    reading ??= readPageHashes(read, index)
    reading.catch(() => (reading = undefined))
    return reading
  }
  return {
    prepareToSave: async () => void (snapshot && (await base(snapshot))),
    save: async () => {
      if (snapshot === undefined)
        throw new EngineError(
          'not-supported',
          'a machine that was booted without the snapshot cannot be saved',
        )
      const { buildId } = snapshot
      return saveMachine({ ...parts, buildId, base: await base(snapshot), volumes: () => volumes.versions() })
    },
  }
}

const refuseStream: StreamHandler = (open) => {
  throw new EngineError('not-supported', `the page serves no streams of service ${open.service}`)
}

async function openTrees(
  { files, chunks, signal }: GuestOptions,
  manifest: GuestManifest,
  cache: BlockCache,
): Promise<Map<string, ChunkedTree>> {
  const open = async (name: string) => {
    const { path, sha256 } = manifestFile(manifest, `guest/system/${name}/index.json.gz`)
    const read = (file: string) => files.read(file, signal)
    const tree = await openSystemTree({
      name,
      read,
      cache,
      store: chunks,
      indexPath: path,
      indexSha256: sha256,
    })
    return [name, tree] as const
  }
  return new Map(await Promise.all(SYSTEM_TREES.map(open)))
}

/** Fetches the chunks that the first commands read, while the state is fetched. */
async function warm(trees: ReadonlyMap<string, ChunkedTree>, index: SnapshotIndex): Promise<void> {
  const names = new Set(index.warmChunks)
  await Promise.all(Array.from(trees.values(), (tree) => tree.prefetch(() => undefined, { names })))
}

function checkMemory(memory: number): number {
  const { least, most } = MEMORY_LIMITS
  if (Number.isInteger(memory) && memory >= least && memory <= most) return memory
  throw new EngineError('invalid', `a guest has ${least} to ${most} MiB of memory, not ${memory}`, { memory })
}
