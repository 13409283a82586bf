/**
 * File trees as the 9P server sees them. A tree never changes once it is built, except that the directory of image layers
 * grows, and that uploads take what is written to them. Calls return a value when it is in memory, otherwise a promise.
 */
export type MaybePromise<T> = T | Promise<T>

/** File type bits of st_mode: inode(7). */
export const S_IFMT = 0o170000
export const S_IFIFO = 0o010000
export const S_IFCHR = 0o020000
export const S_IFDIR = 0o040000
export const S_IFBLK = 0o060000
export const S_IFREG = 0o100000
export const S_IFLNK = 0o120000

export interface FileTree {
  /** Names the tree's content: equal ids mean equal trees, in this session and in any other. */
  readonly id: string
  readonly root: FileNode
  /** Numbers of nodes go from 1 to this one. */
  readonly nodeCount: number
  /**
   * Fills `target` from `offset` of a regular file and returns the bytes written (fewer only at the end of the file).
   * Rejects with EngineError `corrupt` or `unavailable` when the content can't be had.
   */
  readInto(node: FileNode, offset: number, target: Uint8Array): MaybePromise<number>
}

/** One inode: hard links are one node under several names. */
export interface FileNode {
  readonly tree: FileTree
  /** Unique within the tree and the same whenever the tree is built from the same index. */
  readonly number: number
  /** st_mode with the file type bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds and nanoseconds since the epoch. */
  readonly mtime: number
  readonly nanoseconds: number
  /** Bytes. */
  readonly size: number
  readonly nlink: number
  /** Device nodes: as Linux's new_encode_dev makes it. */
  readonly rdev: number
  /** For regular files: where the file begins in the tree's content. */
  readonly offset: number
  /** Symbolic links. */
  readonly target?: string
  readonly xattrs?: ReadonlyMap<string, Uint8Array>
  readonly directory?: Directory
  /** Of a file that can be written, from its beginning to its end: called when it is opened; undefined when nobody wants it. */
  readonly openSink?: () => FileSink | undefined
  /** Told when somebody who had it open has closed it. */
  readonly onClose?: () => void
}

export interface FileSink {
  /**
   * Takes the bytes, which change afterwards; resolves when there is room for more. Rejects with EngineError for bytes that
   * nobody wants any more, or that do not follow the last ones.
   */
  write(offset: number, bytes: Uint8Array): Promise<void>
}

export interface Directory {
  lookup(name: string): MaybePromise<FileNode | undefined>
  /** Without `.` and `..`, in a stable order. */
  list(): MaybePromise<readonly DirectoryEntry[]>
}

export interface DirectoryEntry {
  name: string
  node: FileNode
}

/** A directory that root owns and nobody changes. */
export function directoryNode(
  tree: FileTree,
  number: number,
  subdirectories: number,
  directory: Directory,
): FileNode {
  return {
    ...{ tree, number, mode: S_IFDIR | 0o555, uid: 0, gid: 0, mtime: 0, nanoseconds: 0 },
    ...{ size: 4096, nlink: 2 + subdirectories, rdev: 0, offset: 0, directory },
  }
}

/** include/linux/kdev_t.h, new_encode_dev. */
export function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0
}

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise
}

/** Calls `next` at once when the value is here, and later when it is promised. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? value.then(next) : next(value)
}
