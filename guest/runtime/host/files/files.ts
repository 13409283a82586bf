/**
 * The file operations that services need, so that they stay testable without a disk. Implemented by node-files.ts and by
 * memory-files.ts (unit tests). Paths are absolute paths of the guest. Errors are EngineErrors; a missing file is `not-found`.
 */
export interface Files {
  read(path: string): Promise<Uint8Array>
  readText(path: string): Promise<string>
  exists(path: string): Promise<boolean>
  list(path: string): Promise<string[]>
  makeDirectory(path: string, mode?: number): Promise<void>
  /** Write to a temporary name, fsync, rename: a reader sees the old or the new content, never a part. */
  writeAtomically(path: string, content: string | Uint8Array, mode?: number): Promise<void>
  /** Plain write, as cgroup and proc files need. */
  write(path: string, content: string): Promise<void>
  remove(path: string): Promise<void>
  removeTree(path: string): Promise<void>
  /** Recursive copy keeping modes, owners, times, links and xattrs. */
  copyTree(from: string, to: string): Promise<void>
  /** Describes the entry itself (lstat): links are not followed. `mode` has the type bits. */
  stat(path: string): Promise<{
    mode: number
    uid: number
    gid: number
    size: number
    mtimeMs: number
    inode: number
    rdev: number
  }>
  readLink(path: string): Promise<string>
  /** Bytes used below a path, by walking it. */
  usage(path: string): Promise<number>
}
