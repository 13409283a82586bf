/** The client's handles on files. A snapshot of the guest keeps its fid numbers, so the table is saved with it. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import {
  chain,
  type DirectoryEntry,
  type FileNode,
  type FileSink,
  type FileTree,
  type MaybePromise,
} from '../trees/file-tree.ts'
import { ERRNO, NineError } from './nine-wire.ts'

const O_ACCMODE = 3
const O_WRONLY = 1
const O_TRUNC = 0o1000

export interface Fid {
  /** Absolute in the mount, without trailing slash; '' is the root. */
  path: string
  /** Absent after a restore until the fid is first used. */
  node?: FileNode
  open: boolean
  /** Takes what is written to it. */
  sink?: FileSink
  /** The extended attribute that the fid reads instead of the file; '' is the list of names. */
  xattr?: string
  /** The directory as the current run of Treaddir sees it. */
  entries?: readonly DirectoryEntry[]
}

export interface SavedFid {
  fid: number
  path: string
  open?: true
  xattr?: string
}

export class FidTable {
  private readonly root: FileTree
  private readonly fids = new Map<number, Fid>()

  constructor(root: FileTree) {
    this.root = root
  }

  get(number: number): Fid {
    const fid = this.fids.get(number)
    if (fid === undefined) throw new NineError(ERRNO.EBADF, `fid ${number} is unknown`)
    return fid
  }

  /** The client may use a fid number only when it is free. */
  requireFree(number: number): void {
    if (this.fids.has(number)) throw new NineError(ERRNO.EBADF, `fid ${number} is in use`)
  }

  set(number: number, fid: Fid): void {
    this.fids.set(number, fid)
  }

  delete(number: number): void {
    const fid = this.get(number)
    this.fids.delete(number)
    if (fid.open) fid.node?.onClose?.()
  }

  clear(): void {
    for (const number of [...this.fids.keys()]) this.delete(number)
  }

  get size(): number {
    return this.fids.size
  }

  /** @throws NineError ESTALE when the fid's file was there before a restore and is no longer */
  node(fid: Fid): MaybePromise<FileNode> {
    if (fid.node !== undefined) return fid.node
    return chain(this.resolve(fid.path), (node) => {
      if (node === undefined) throw new NineError(ERRNO.ESTALE, `${fid.path} is gone`)
      fid.node = node
      return node
    })
  }

  resolve(path: string): MaybePromise<FileNode | undefined> {
    let at: MaybePromise<FileNode | undefined> = this.root.root
    for (const name of path.split('/')) {
      if (name === '') continue
      at = chain<FileNode | undefined, FileNode | undefined>(at, (node) => node?.directory?.lookup(name))
    }
    return at
  }

  save(): SavedFid[] {
    return Array.from(this.fids, ([fid, { path, open, xattr }]) => ({
      fid,
      path,
      ...(open && { open }),
      ...(xattr !== undefined && { xattr }),
    }))
  }

  restore(saved: readonly SavedFid[]): void {
    this.fids.clear()
    for (const { fid, path, open, xattr } of saved) {
      if (!Number.isInteger(fid) || typeof path !== 'string')
        throw new EngineError('corrupt', 'the saved fid table of the 9P server is damaged')
      this.fids.set(fid, { path, open: open ?? false, xattr })
    }
  }
}

/**
 * Opens a file that is to be written; undefined for one that is read. The kernel asks for both directions first, and when
 * that is refused for the one that it needs.
 * @throws NineError EROFS
 */
export function openSink(node: FileNode, flags: number): FileSink | undefined {
  if ((flags & O_ACCMODE) === 0 && (flags & O_TRUNC) === 0) return undefined
  const sink = (flags & O_ACCMODE) === O_WRONLY ? node.openSink?.() : undefined
  if (sink === undefined) throw new NineError(ERRNO.EROFS, 'the tree is read-only')
  return sink
}

export function childPath(path: string, name: string): string {
  if (name === '.') return path
  if (name === '..') return parentPath(path)
  return `${path}/${name}`
}

export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
