/**
 * Keeps blocks of bytes in memory and drops the least recently used first; concurrent loads of one block are one load.
 */
export class BlockCache {
  private readonly blocks = new Map<string, Uint8Array>()
  private readonly loading = new Map<string, Promise<Uint8Array>>()
  private readonly capacity: number
  private bytes = 0

  /** @param capacity the most bytes that are kept (one block may exceed it) */
  constructor(capacity: number) {
    this.capacity = capacity
  }

  get size(): number {
    return this.bytes
  }

  get(key: string): Uint8Array | undefined {
    const block = this.blocks.get(key)
    if (block === undefined) return undefined
    // A Map keeps insertion order, so re-inserting makes this block the youngest.
    this.blocks.delete(key)
    this.blocks.set(key, block)
    return block
  }

  /** A failed load is forgotten, so that the next reader tries again. */
  load(key: string, loader: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.get(key)
    if (known !== undefined) return Promise.resolve(known)
    const pending = this.loading.get(key)
    if (pending !== undefined) return pending
    const load = loader()
      .then((block) => this.keep(key, block))
      .finally(() => this.loading.delete(key))
    this.loading.set(key, load)
    return load
  }

  /** Forgets every block whose key starts with `prefix`. */
  drop(prefix: string): void {
    for (const [key, block] of this.blocks) {
      if (!key.startsWith(prefix)) continue
      this.blocks.delete(key)
      this.bytes -= block.length
    }
  }

  private keep(key: string, block: Uint8Array): Uint8Array {
    this.blocks.set(key, block)
    this.bytes += block.length
    for (const [oldest, victim] of this.blocks) {
      if (this.bytes <= this.capacity || this.blocks.size === 1) break
      this.blocks.delete(oldest)
      this.bytes -= victim.length
    }
    return block
  }
}
