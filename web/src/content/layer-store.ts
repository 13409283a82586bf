/**
 * Keeps unpacked layers, once per diffId: the tar as checked blocks, and the index of its tree. The record is written
 * last, so a crash leaves nothing half-made to be seen.
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BlockCache } from '../storage/block-cache.ts'
import { BlockContent } from '../trees/block-content.ts'
import { BLOCK_SIZE, BlockWriter, deleteRun, readBlock, readBlocks, type BlockRun } from './block-writer.ts'
import { createHash, hexDigest } from '../storage/digest.ts'
import type { FileTree } from '../trees/file-tree.ts'
import { gunzipStream } from '../storage/gunzip.ts'
import { IndexedTree } from '../trees/indexed-tree.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { LayerTreeBuilder, type BuiltTree } from '../trees/layer-tree-builder.ts'
import { beginRun, endRun, randomKey } from './runs.ts'
import { TarDecoder } from '../../../guest/vocabulary/tar/decoder.ts'
import { TarFormatError } from '../../../guest/vocabulary/tar/format-error.ts'
import { parseTreeEntries, type TreeEntry } from '../trees/tree-index.ts'
import { UnpackLimit, type UnpackLimits } from './unpack-limit.ts'

export interface LayerRecord {
  diffId: Digest
  /** Bytes of file contents. */
  unpackedSize: number
  /** The uncompressed tar. */
  run: BlockRun
  /** Directories that the tar does not describe and that have not been given attributes yet: see inherit-directories.ts. */
  implicit: string[]
  /** TreeEntry[] as JSON, and its sha256 in hex. */
  index: Uint8Array
  indexCheck: string
}

export interface UnpackOptions {
  /** The digest of the layer as transferred, for messages. */
  name: string
  compression: 'gzip' | 'none'
  /** A tar with another digest is refused as `corrupt`. */
  diffId?: Digest
  /** Bytes as transferred, when known. */
  size?: number
  limits?: UnpackLimits
  /** Called when the tar is whole and verified but not yet visible; `commit` makes it so. */
  around?: (diffId: Digest, commit: () => Promise<LayerRecord>) => Promise<LayerRecord>
}

const recordKey = (diffId: Digest): string => `layer/${diffId}`

export class LayerStore {
  private readonly store: KeyValueStore
  private readonly cache: BlockCache
  private readonly trees = new Map<Digest, Promise<FileTree | undefined>>()
  /** The present run of blocks of each layer's tar. */
  private readonly runs = new Map<Digest, BlockRun>()

  constructor(store: KeyValueStore, cache: BlockCache) {
    this.store = store
    this.cache = cache
  }

  async get(diffId: Digest): Promise<LayerRecord | undefined> {
    return (await this.store.get(recordKey(diffId))) as LayerRecord | undefined
  }

  async list(): Promise<Digest[]> {
    return (await this.store.keys('layer/')).map((key) => key.slice('layer/'.length) as Digest)
  }

  /** The layer's tree, always the same object; undefined when the store doesn't have it. */
  open(diffId: Digest): Promise<FileTree | undefined> {
    const known = this.trees.get(diffId)
    if (known !== undefined) return known
    const tree = this.load(diffId)
    this.trees.set(diffId, tree)
    // A failure or an absence is not remembered.
    const forget = (): void => void this.trees.delete(diffId)
    tree.then((found) => found ?? forget(), forget)
    return tree
  }

  /** The uncompressed tar, or its bytes from `start` to before `end`. */
  async *readTar(diffId: Digest, start?: number, end?: number): AsyncGenerator<Uint8Array> {
    const record = await this.get(diffId)
    if (record === undefined)
      throw new EngineError('not-found', `layer ${diffId} is not in the store`, { diffId })
    yield* readBlocks(this.store, record.run, `layer ${diffId}`, start, end)
  }

  /**
   * Unpacks a layer as it streams in. Rejects with EngineError `corrupt` naming the layer when it is damaged or
   * dangerous, `exhausted` when there is no room; nothing is left behind then.
   */
  async unpack(source: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<LayerRecord> {
    const key = `layer-${randomKey()}`
    await beginRun(this.store, key)
    try {
      const { record, tree } = await this.unpackRun(source, options, key)
      const commit = (): Promise<LayerRecord> => this.commit(record, tree)
      return await (options.around?.(record.diffId, commit) ?? commit())
    } catch (error) {
      await endRun(this.store, key, true)
      if (error instanceof TarFormatError)
        throw new EngineError('corrupt', `layer ${options.name} can't be unpacked: ${error.message}`, {
          layer: options.name,
        })
      throw error
    }
  }

  async delete(diffId: Digest): Promise<void> {
    const record = await this.get(diffId)
    if (record === undefined) return
    await this.store.deleteMany([recordKey(diffId)])
    await deleteRun(this.store, record.run.key)
    this.trees.delete(diffId)
    this.runs.delete(diffId)
    this.cache.drop(`${treeId(diffId)}#`)
  }

  private async unpackRun(
    source: AsyncIterable<Uint8Array>,
    options: UnpackOptions,
    key: string,
  ): Promise<{ record: LayerRecord; tree: BuiltTree }> {
    const builder = new LayerTreeBuilder()
    const decoder = new TarDecoder()
    const writer = new BlockWriter(this.store, key)
    const hash = await createHash()
    const limit = new UnpackLimit(options.name, options.size, options.limits)
    const tar = options.compression === 'gzip' ? gunzipStream(source, `layer ${options.name}`) : source
    for await (const part of tar) {
      limit.add(part.length)
      for (const event of decoder.push(part)) if (event.kind === 'member') builder.add(event.member)
      hash.update(part)
      await writer.write(part)
    }
    decoder.finish()
    const diffId = hash.digest()
    if (options.diffId !== undefined && diffId !== options.diffId)
      throw new EngineError(
        'corrupt',
        `layer ${options.name} unpacks to ${diffId}; the image says ${options.diffId}`,
      )
    const tree = builder.build()
    const record: LayerRecord = {
      diffId,
      unpackedSize: tree.unpackedSize,
      run: await writer.finish(),
      implicit: tree.implicit,
      ...(await encodeIndex(tree.entries)),
    }
    return { record, tree }
  }

  private async commit(record: LayerRecord, tree: BuiltTree): Promise<LayerRecord> {
    const known = await this.get(record.diffId)
    if (known !== undefined) {
      await endRun(this.store, record.run.key, true)
      return known
    }
    await this.store.setMany([[recordKey(record.diffId), record]])
    await endRun(this.store, record.run.key, false)
    this.trees.set(record.diffId, Promise.resolve(this.makeTree(record, tree.entries)))
    return record
  }

  /** Replaces the index of a stored layer. */
  async rewrite(record: LayerRecord, entries: readonly TreeEntry[], implicit: string[]): Promise<void> {
    const rewritten: LayerRecord = { ...record, implicit, ...(await encodeIndex(entries)) }
    await this.store.setMany([[recordKey(record.diffId), rewritten]])
    this.trees.delete(record.diffId)
  }

  private async load(diffId: Digest): Promise<FileTree | undefined> {
    const record = await this.get(diffId)
    return record && this.makeTree(record, await this.entries(record))
  }

  /** Rejects with EngineError `corrupt` when the index was damaged. */
  async entries({ diffId, index, indexCheck }: LayerRecord): Promise<TreeEntry[]> {
    if ((await hexDigest(index)) !== indexCheck)
      throw new EngineError(
        'corrupt',
        `the index of layer ${diffId} is damaged in the store; remove the image and pull it again`,
      )
    return parseTreeEntries(new TextDecoder().decode(index), `the index of layer ${diffId}`)
  }

  private makeTree({ diffId, run }: LayerRecord, entries: readonly TreeEntry[]): FileTree {
    this.runs.set(diffId, run)
    const content = new BlockContent(
      {
        key: treeId(diffId),
        blockSize: BLOCK_SIZE,
        length: run.size,
        // A guest's kernel keeps files open while a layer is removed and stored again in another run.
        load: (block) => readBlock(this.store, this.runs.get(diffId) ?? run, block, `layer ${diffId}`),
      },
      this.cache,
    )
    return new IndexedTree(treeId(diffId), entries, content)
  }
}

async function encodeIndex(
  entries: readonly TreeEntry[],
): Promise<{ index: Uint8Array; indexCheck: string }> {
  const index = new TextEncoder().encode(JSON.stringify(entries))
  return { index, indexCheck: await hexDigest(index) }
}

function treeId(diffId: Digest): string {
  return `layer/${diffId}`
}
