/**
 * A system tree of the guest: an index and content-hashed chunks (tree-index.ts), which are fetched when first read.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { BlockContent } from './block-content.ts'
import { hexDigest, verifyDigest } from '../storage/digest.ts'
import { gunzip } from '../storage/gunzip.ts'
import { IndexedTree } from './indexed-tree.ts'
import { CHUNK_SIZE, type TreeChunk, type TreeIndex } from './tree-index.ts'

/** The compressed bytes of the chunk so named, unverified. Rejects with EngineError `unavailable` naming the file. */
export type ChunkFetcher = (name: string) => Promise<Uint8Array>

/** Keeps verified compressed chunks between page loads and while the network is off. */
export interface ChunkStore {
  get(name: string): Promise<Uint8Array | undefined>
  put(name: string, bytes: Uint8Array): Promise<void>
  names(): Promise<string[]>
}

export interface ChunkedTreeOptions {
  /** E.g. `system/debian`; the tree's id adds a hash of its chunks. */
  name: string
  index: TreeIndex
  fetch: ChunkFetcher
  /** Unpacked chunks; several trees may share it. */
  cache: BlockCache
  store: ChunkStore
}

export interface PrefetchProgress {
  /** Compressed bytes. */
  loaded: number
  total: number
}

export interface PrefetchOptions {
  /** Fetches only these chunks. */
  names?: ReadonlySet<string>
  /** Awaited before each chunk. */
  pace?: () => Promise<void>
  /** Gives the prefetch up; a chunk that is on its way comes all the same, as a reader may wait for it. */
  signal?: AbortSignal
}

export class ChunkedTree extends IndexedTree {
  private readonly chunks: readonly TreeChunk[]
  private readonly options: ChunkedTreeOptions
  private readonly stored: Set<string>
  /** Names of chunks whose stored copy was damaged or gone, and that have not been fetched since. */
  private readonly spoiled = new Set<string>()
  private readonly touchedChunks: Set<number>
  private readonly downloads = new Map<string, Promise<Uint8Array>>()

  private constructor(options: ChunkedTreeOptions, id: string, stored: Set<string>) {
    const touched = new Set<number>()
    const { chunks, entries } = options.index
    const content = new BlockContent(
      {
        key: id,
        blockSize: CHUNK_SIZE,
        length: chunks.reduce((sum, chunk) => sum + chunk.rawSize, 0),
        load: (block) => this.loadChunk(chunks[block]!),
        touch: (block) => void touched.add(block),
      },
      options.cache,
    )
    super(id, entries, content)
    this.chunks = chunks
    this.options = options
    this.stored = stored
    this.touchedChunks = touched
  }

  static async open(options: ChunkedTreeOptions): Promise<ChunkedTree> {
    const { index, name, store } = options
    if (index.format !== 1)
      throw new EngineError(
        'not-supported',
        `${name}: index format ${String(index.format)} is not known; rebuild the guest`,
      )
    index.chunks.forEach((chunk, position) => {
      if (chunk.rawSize !== CHUNK_SIZE && position !== index.chunks.length - 1)
        throw new EngineError(
          'corrupt',
          `${name}: chunk ${chunk.name} has ${chunk.rawSize} bytes, expected ${CHUNK_SIZE}`,
        )
    })
    // Hashes the whole index and not only the chunks' names, as two trees may differ in nothing but a mode.
    const hash = await hexDigest(new TextEncoder().encode(JSON.stringify(index)))
    return new ChunkedTree(options, `${name}@${hash.slice(0, 32)}`, new Set(await store.names()))
  }

  /** Names of the chunks that readers have asked for, in the order of first use. */
  touched(): string[] {
    return Array.from(this.touchedChunks, (block) => this.chunks[block]!.name)
  }

  /** Compressed bytes that would have to come over the network. */
  missing(): number {
    return this.missingChunks().reduce((sum, chunk) => sum + chunk.size, 0)
  }

  /** Compressed bytes of all chunks. */
  size(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.size, 0)
  }

  /**
   * Compares every stored chunk with its digest. One that is damaged or gone counts as missing from then on.
   * @param onChecked gets the bytes of each
   * @returns the paths of the damaged ones, as in the site: also of those that a reader found so, until they are fetched
   */
  async verify(onChecked: (bytes: number) => void): Promise<string[]> {
    for (const chunk of this.chunks) {
      if (!this.stored.has(chunk.name)) continue
      await this.wholeCopy(chunk)
      onChecked(chunk.size)
    }
    return this.chunks.filter(({ name }) => this.spoiled.has(name)).map((chunk) => this.pathOf(chunk))
  }

  /** Stores every missing chunk; rejects on the first that fails, or with the signal's reason. */
  async prefetch(
    onProgress: (progress: PrefetchProgress) => void,
    options: PrefetchOptions = {},
  ): Promise<void> {
    const { names, pace, signal } = options
    const wanted = this.missingChunks().filter((chunk) => names === undefined || names.has(chunk.name))
    const progress = { loaded: 0, total: wanted.reduce((sum, chunk) => sum + chunk.size, 0) }
    onProgress({ ...progress })
    const queue = wanted.values()
    const worker = async (): Promise<void> => {
      for (const chunk of queue) {
        if (pace) await unlessAborted(pace(), signal)
        signal?.throwIfAborted()
        await unlessAborted(this.compressed(chunk), signal)
        progress.loaded += chunk.size
        onProgress({ ...progress })
      }
    }
    await Promise.all(Array.from({ length: PREFETCH_PARALLEL }, worker))
  }

  private missingChunks(): TreeChunk[] {
    return this.chunks.filter((chunk) => !this.stored.has(chunk.name))
  }

  private async loadChunk(chunk: TreeChunk): Promise<Uint8Array> {
    return gunzip(await this.compressed(chunk), chunk.rawSize, chunk.name)
  }

  /** Downloads a chunk once, however many readers and prefetches want it. */
  private compressed(chunk: TreeChunk): Promise<Uint8Array> {
    let pending = this.downloads.get(chunk.name)
    if (pending === undefined) {
      pending = this.obtain(chunk).finally(() => this.downloads.delete(chunk.name))
      this.downloads.set(chunk.name, pending)
    }
    return pending
  }

  private async obtain(chunk: TreeChunk): Promise<Uint8Array> {
    const { store, fetch } = this.options
    const kept = await this.wholeCopy(chunk)
    if (kept !== undefined) return kept
    const bytes = await fetch(chunk.name).catch((error: unknown) => {
      throw this.spoiled.has(chunk.name) ? this.damaged(chunk, error) : error
    })
    await verifyDigest(bytes, `sha256:${chunk.sha256}`, this.pathOf(chunk))
    await store.put(chunk.name, bytes)
    this.stored.add(chunk.name)
    this.spoiled.delete(chunk.name)
    return bytes
  }

  /** The stored copy. One that is damaged or gone is no loss: it is noted, and the network has the original. */
  private async wholeCopy(chunk: TreeChunk): Promise<Uint8Array | undefined> {
    if (!this.stored.has(chunk.name)) return undefined
    const bytes = await this.options.store.get(chunk.name)
    if (bytes !== undefined && (await matches(bytes, chunk))) return bytes
    this.stored.delete(chunk.name)
    this.spoiled.add(chunk.name)
    return undefined
  }

  private pathOf(chunk: TreeChunk): string {
    return `${this.options.name}/${chunk.name}`
  }

  private damaged(chunk: TreeChunk, cause: unknown): EngineError {
    const file = this.pathOf(chunk)
    const message = `${file} is damaged in the browser’s storage, and cannot be fetched anew: check the network`
    return new EngineError('unavailable', message, { file }, cause)
  }
}

/** Browsers open about six connections to one HTTP/1.1 host; two are left to the guest's own reads. */
const PREFETCH_PARALLEL = 4

async function matches(bytes: Uint8Array, chunk: TreeChunk): Promise<boolean> {
  return (await hexDigest(bytes)) === chunk.sha256
}
