/**
 * A read-only file tree cut into content-hashed chunks that are fetched when needed; the guest's system trees ship this
 * way. scripts/lib/trees/chunk-tree.ts writes it, and this folder serves it over 9P.
 */
export interface TreeIndex {
  format: 1
  /** The file contents, concatenated in an order that keeps files used together close, cut every CHUNK_SIZE bytes. */
  chunks: TreeChunk[]
  /** Parents before children; the root itself is the first entry with path ''. */
  entries: TreeEntry[]
}

export interface TreeChunk {
  /** File name beside the index: `<first 32 hex digits of sha256>.gz`. */
  name: string
  /** The sha256 of the compressed file, in hex. */
  sha256: string
  /** Compressed and raw bytes; the compressed size never exceeds 1.9 MB. */
  size: number
  rawSize: number
}

export interface TreeEntry {
  /** Relative, '/'-separated, no leading slash. */
  path: string
  /** st_mode with the file type bits. */
  mode: number
  uid: number
  gid: number
  /** Seconds. */
  mtime: number
  /** The fraction of mtime. */
  nanoseconds?: number
  /** Regular files: bytes. */
  size?: number
  /** Regular files: where the content starts in the concatenation of the raw chunks (all but the last are CHUNK_SIZE). */
  offset?: number
  /** Symbolic links: the target. */
  target?: string
  /** Hard links: the path of the entry that carries the content. */
  hardlink?: string
  /** Device nodes: [major, minor]. */
  device?: [number, number]
  /** Values in base64. */
  xattrs?: Record<string, string>
}

/** Raw bytes in a chunk: small enough that one missing file costs little, large enough to compress well. */
export const CHUNK_SIZE = 1 << 20
