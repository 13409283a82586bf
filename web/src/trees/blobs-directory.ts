/**
 * Blobs as files, by digest, for who reads them from their beginning to their end: `docker save` has them copied into its
 * archive by the guest's launcher.
 */
import {
  S_IFREG,
  chain,
  type Directory,
  type DirectoryEntry,
  type FileNode,
  type FileTree,
  type MaybePromise,
} from './file-tree.ts'

export interface Blob {
  /** Bytes. */
  size: number
  /** Rejects with EngineError `corrupt` or `unavailable` when the content can't be had. */
  read(start: number): AsyncIterable<Uint8Array>
}

export interface BlobProvider {
  /** undefined for a name that is no digest, and for a blob that can't be had. */
  open(digest: string): MaybePromise<Blob | undefined>
}

/** Blobs for a machine that has none. */
export const NO_BLOBS: BlobProvider = { open: () => undefined }

const NOTHING = new Uint8Array(0)

export class BlobsDirectory implements Directory {
  private readonly blobs: BlobProvider

  constructor(blobs: BlobProvider) {
    this.blobs = blobs
  }

  lookup(name: string): MaybePromise<FileNode | undefined> {
    return chain(this.blobs.open(name), (blob) => blob && new BlobTree(name, blob).root)
  }

  /** They are found by their names alone. */
  list(): readonly DirectoryEntry[] {
    return []
  }
}

/** A tree of one file. */
class BlobTree implements FileTree {
  readonly id: string
  readonly nodeCount = 1
  readonly root: FileNode
  private readonly blob: Blob
  /** Reads wait for each other, as they share the place in the blob. */
  private turn: Promise<unknown> = Promise.resolve()
  private chunks: AsyncIterator<Uint8Array> | undefined
  private rest: Uint8Array = NOTHING
  private position = 0

  constructor(digest: string, blob: Blob) {
    this.id = `blob/${digest}`
    this.blob = blob
    this.root = {
      ...{ tree: this, number: 1, mode: S_IFREG | 0o444, uid: 0, gid: 0, mtime: 0, nanoseconds: 0 },
      ...{ size: blob.size, nlink: 1, rdev: 0, offset: 0 },
      onClose: () => this.leave(),
    }
  }

  readInto(_node: FileNode, offset: number, target: Uint8Array): Promise<number> {
    const filled = this.turn.then(() => this.fill(offset, target))
    this.turn = filled.catch(() => this.close())
    return filled
  }

  private async fill(offset: number, target: Uint8Array): Promise<number> {
    if (this.chunks === undefined || this.position !== offset) {
      await this.close()
      this.chunks = this.blob.read(offset)[Symbol.asyncIterator]()
      this.position = offset
    }
    let filled = 0
    while (filled < target.length) {
      if (this.rest.length === 0) {
        const next = await this.chunks.next()
        if (next.done === true) break
        this.rest = next.value
      }
      const part = this.rest.subarray(0, target.length - filled)
      target.set(part, filled)
      filled += part.length
      this.rest = this.rest.subarray(part.length)
    }
    this.position += filled
    if (this.position === this.blob.size) await this.close()
    return filled
  }

  /** Who leaves may not have read to the end; what the place holds, such as a download, must end too. */
  private leave(): void {
    this.turn = this.turn.then(() => this.close())
  }

  /** Forgets the place, and the block there. Never rejects, as nobody wants the bytes of what cannot be closed. */
  private async close(): Promise<void> {
    const { chunks } = this
    this.chunks = undefined
    this.rest = NOTHING
    await chunks?.return?.().catch(() => undefined)
  }
}
