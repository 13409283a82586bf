/**
 * A read-only file tree cut into content-hashed chunks that are fetched when needed; the guest's system trees ship this
 * way. scripts/lib/trees/chunk-tree.ts writes it, and this folder serves it over 9P.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { parseJson, parseJsonObject } from '../../../guest/vocabulary/json.ts'

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

function isTreeEntry(value: unknown): value is TreeEntry {
  if (!isRecord(value)) return false
  const { path, mode, uid, gid, mtime } = value
  return typeof path === 'string' && [mode, uid, gid, mtime].every((number) => typeof number === 'number')
}

function isTreeChunk(value: unknown): value is TreeChunk {
  if (!isRecord(value)) return false
  const { name, sha256, size, rawSize } = value
  return [name, sha256].every((text) => typeof text === 'string') && [size, rawSize].every(Number.isInteger)
}

/** @param what names the text in the error. @throws EngineError `corrupt` */
export function parseTreeEntries(text: string, what: string): TreeEntry[] {
  return checkedEntries(parseJson(text, what), what)
}

/** @param what names the text in the error. @throws EngineError `corrupt` */
export function parseTreeIndex(text: string, what: string): TreeIndex {
  const { format, chunks, entries } = parseJsonObject(text, what)
  if (format !== 1 || !Array.isArray(chunks) || !chunks.every(isTreeChunk))
    throw new EngineError('corrupt', `${what} is not an index of this version`)
  return { format, chunks, entries: checkedEntries(entries, what) }
}

function checkedEntries(value: unknown, what: string): TreeEntry[] {
  if (!Array.isArray(value) || !value.every(isTreeEntry))
    throw new EngineError('corrupt', `${what} is not a list of files`)
  return value
}
