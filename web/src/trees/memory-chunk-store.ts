import type { ChunkStore } from './chunked-tree.ts'

/** Keeps chunks for as long as the process lives. */
export class MemoryChunkStore implements ChunkStore {
  private readonly chunks = new Map<string, Uint8Array>()

  get(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.chunks.get(name))
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    this.chunks.set(name, bytes)
    return Promise.resolve()
  }

  names(): Promise<string[]> {
    return Promise.resolve([...this.chunks.keys()])
  }
}

/** Keeps nothing, for a headless machine, whose fetcher reads a local disk. */
export const NO_CHUNK_STORE: ChunkStore = {
  get: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
  names: () => Promise.resolve([]),
}
