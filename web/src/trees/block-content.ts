/** Reads at any offset of a long run of bytes in equal blocks, each loaded when first needed. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BlockCache } from '../storage/block-cache.ts'
import type { MaybePromise } from './file-tree.ts'

export interface BlockSource {
  /** Unique prefix of this content's blocks in the cache. */
  readonly key: string
  /** Bytes of every block but the last. */
  readonly blockSize: number
  /** Bytes in all. */
  readonly length: number
  /** Rejects with EngineError `corrupt` or `unavailable`. */
  load(block: number): Promise<Uint8Array>
  /** Called for every block that a reader asks for. */
  touch?(block: number): void
}

export class BlockContent {
  private readonly source: BlockSource
  private readonly cache: BlockCache

  constructor(source: BlockSource, cache: BlockCache) {
    this.source = source
    this.cache = cache
  }

  /** Fills `target` with the bytes from `offset` on; returns no promise when they are in memory. */
  readInto(offset: number, target: Uint8Array): MaybePromise<void> {
    if (target.length === 0) return
    const { blockSize, length } = this.source
    if (offset + target.length > length)
      throw new EngineError(
        'corrupt',
        `${this.source.key} ends at ${length}, before ${offset + target.length}`,
      )
    const first = Math.floor(offset / blockSize)
    const last = Math.floor((offset + target.length - 1) / blockSize)
    const blocks: MaybePromise<Uint8Array>[] = []
    let waiting = false
    for (let block = first; block <= last; block++) {
      this.source.touch?.(block)
      const known = this.cache.get(this.key(block))
      waiting ||= known === undefined
      blocks.push(known ?? this.load(block))
    }
    const copy = (loaded: Uint8Array[]): void => {
      let done = 0
      loaded.forEach((bytes, index) => {
        const start = index === 0 ? offset - first * blockSize : 0
        const part = bytes.subarray(start, start + target.length - done)
        target.set(part, done)
        done += part.length
      })
    }
    if (waiting) return Promise.all(blocks).then(copy)
    return copy(blocks as Uint8Array[])
  }

  /** Starts to load the block that holds `offset`, if it isn't here. A failure shows when the block is read. */
  readAhead(offset: number): void {
    if (offset >= this.source.length) return
    const block = Math.floor(offset / this.source.blockSize)
    if (this.cache.get(this.key(block)) === undefined) this.load(block).catch(() => undefined)
  }

  private load(block: number): Promise<Uint8Array> {
    return this.cache.load(this.key(block), async () => {
      const bytes = await this.source.load(block)
      const { blockSize, length, key } = this.source
      const expected = Math.min(blockSize, length - block * blockSize)
      if (bytes.length !== expected)
        throw new EngineError(
          'corrupt',
          `${key}: block ${block} has ${bytes.length} bytes, expected ${expected}`,
        )
      return bytes
    })
  }

  private key(block: number): string {
    return `${this.source.key}#${block}`
  }
}
