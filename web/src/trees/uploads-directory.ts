/**
 * Files that the guest writes in place of sending bytes on a stream: its launcher puts an archive into one without the engine
 * between. A file is one of a few that are used again and again, because the guest's kernel remembers each that it has seen.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { deferred, type Deferred } from '../../../guest/protocol/wire/deferred.ts'
import {
  S_IFREG,
  directoryNode,
  type Directory,
  type DirectoryEntry,
  type FileNode,
  type FileSink,
  type FileTree,
} from './file-tree.ts'

/** So many calls are never under way. */
const MOST = 256

export class Uploads implements FileTree, Directory {
  readonly id = 'uploads'
  readonly nodeCount = 1 + MOST
  readonly root: FileNode = directoryNode(this, 1, 0, this)
  private readonly slots: Slot[] = []

  /** @throws EngineError `exhausted` */
  begin(): Upload {
    let slot = this.slots.find(({ upload }) => upload === undefined)
    if (slot === undefined) {
      if (this.slots.length === MOST) throw new EngineError('exhausted', `${MOST} uploads are under way`)
      slot = new Slot(this, 2 + this.slots.length)
      this.slots.push(slot)
    }
    return slot.begin()
  }

  /** Nothing can be read of what is written. */
  readInto(): number {
    return 0
  }

  lookup(name: string): FileNode | undefined {
    return this.slots.find((slot) => slot.name === name)?.node
  }

  list(): readonly DirectoryEntry[] {
    return this.slots.map(({ name, node }) => ({ name, node }))
  }
}

class Slot {
  readonly name: string
  readonly node: FileNode
  upload: Upload | undefined

  constructor(tree: FileTree, number: number) {
    this.name = String(number)
    this.node = {
      ...{ tree, number, mode: S_IFREG | 0o200, uid: 0, gid: 0, mtime: 0, nanoseconds: 0 },
      ...{ size: 0, nlink: 1, rdev: 0, offset: 0 },
      openSink: () => this.upload,
    }
  }

  begin(): Upload {
    this.upload = new Upload(this.name, () => (this.upload = undefined))
    return this.upload
  }
}

/** The bytes of one upload as they come, for one reader. A reader that leaves drops the rest. */
export class Upload implements FileSink, AsyncIterable<Uint8Array> {
  /** The file's name. */
  readonly name: string
  private readonly release: () => void
  private received = 0
  private waiting: { bytes: Uint8Array; taken: Deferred<void> } | undefined
  private wake: Deferred<void> | undefined
  private end: 'whole' | 'left' | EngineError | undefined

  constructor(name: string, release: () => void) {
    this.name = name
    this.release = release
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.end === 'left') return
    if (this.end !== undefined) throw new EngineError('unavailable', 'the upload has ended')
    if (offset !== this.received || this.waiting !== undefined)
      throw new EngineError('invalid', `the upload was written at ${offset}, not at ${this.received}`)
    this.received += bytes.length
    const taken = deferred<void>()
    this.waiting = { bytes: bytes.slice(), taken }
    this.wake?.resolve()
    return taken.promise
  }

  /** All bytes have been written. */
  finish(): void {
    this.settle('whole')
  }

  /** No more bytes will be written, although they are not all. */
  fail(error: EngineError): void {
    this.settle(error)
  }

  /** Nobody reads it any more, or ever will: its writer must not wait. */
  leave(): void {
    this.settle('left')
  }

  private settle(end: 'whole' | 'left' | EngineError): void {
    this.end ??= end
    this.waiting?.taken.resolve()
    this.wake?.resolve()
    if (end !== 'left') this.release()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const { waiting } = this
        if (waiting !== undefined) {
          yield waiting.bytes
          this.waiting = undefined
          waiting.taken.resolve()
        } else if (this.end === undefined) {
          this.wake = deferred<void>()
          await this.wake.promise
        } else if (this.end instanceof EngineError) throw this.end
        else return
      }
    } finally {
      this.leave()
    }
  }
}
