/** Cuts bytes of any length into equal blocks of a key-value store that can be checked one by one. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { hexDigest } from '../storage/digest.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

/** Bytes of one 9P read: a random read costs one small value, a long one few transactions. */
export const BLOCK_SIZE = 512 * 1024

/** The part of a record that finds, reads and checks its blocks. */
export interface BlockRun {
  /** Blocks are `data/<key>/<number>`. */
  key: string
  /** Bytes in all. */
  size: number
  /** sha256 of each block in hex. */
  checks: string[]
}

export function blockKey(run: string, block: number): string {
  return `data/${run}/${String(block).padStart(8, '0')}`
}

export class BlockWriter {
  private readonly store: KeyValueStore
  private readonly key: string
  private readonly checks: string[]
  private block = new Uint8Array(BLOCK_SIZE)
  private filled = 0

  /** @param checks the checks of blocks that are stored already, when an interrupted run goes on */
  constructor(store: KeyValueStore, key: string, checks: string[] = []) {
    this.store = store
    this.key = key
    this.checks = checks
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length;) {
      const taken = Math.min(BLOCK_SIZE - this.filled, bytes.length - start)
      this.block.set(bytes.subarray(start, start + taken), this.filled)
      this.filled += taken
      start += taken
      if (this.filled === BLOCK_SIZE) await this.flush()
    }
  }

  async finish(): Promise<BlockRun> {
    const size = this.checks.length * BLOCK_SIZE + this.filled
    if (this.filled > 0) await this.flush()
    return { key: this.key, size, checks: this.checks }
  }

  private async flush(): Promise<void> {
    const block = this.filled === BLOCK_SIZE ? this.block : this.block.slice(0, this.filled)
    const check = await hexDigest(block)
    await this.store.setMany([[blockKey(this.key, this.checks.length), block]])
    this.checks.push(check)
    this.block = new Uint8Array(BLOCK_SIZE)
    this.filled = 0
  }
}

/** One block, checked. Rejects with EngineError `corrupt` when it is damaged or missing. */
export async function readBlock(
  store: KeyValueStore,
  run: BlockRun,
  block: number,
  what: string,
): Promise<Uint8Array> {
  const bytes = await store.get(blockKey(run.key, block))
  if (!(bytes instanceof Uint8Array) || (await hexDigest(bytes)) !== run.checks[block])
    throw new EngineError(
      'corrupt',
      `${what} is damaged in the store (block ${block}); remove the image and pull it again`,
    )
  return bytes
}

/** The bytes from `start` to before `end`, block by block, checked. */
export async function* readBlocks(
  store: KeyValueStore,
  run: BlockRun,
  what: string,
  start = 0,
  end = run.size,
): AsyncGenerator<Uint8Array> {
  for (let block = Math.floor(start / BLOCK_SIZE); block * BLOCK_SIZE < end; block++) {
    const bytes = await readBlock(store, run, block, what)
    const offset = block * BLOCK_SIZE
    yield bytes.subarray(Math.max(0, start - offset), Math.min(bytes.length, end - offset))
  }
}

export async function deleteRun(store: KeyValueStore, run: string): Promise<void> {
  await store.deleteMany(await store.keys(`data/${run}/`))
}
