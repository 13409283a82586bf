/** The files of a folder that somebody brings along: untrusted names and bytes, within limits. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Unsupported } from '../format/unsupported.ts'
import { IMPORT_LIMITS } from './limits.ts'

export interface LessonFiles {
  /** Bytes by path: parts separated by `/`, none of them `..`, no `/` at the beginning. */
  files: ReadonlyMap<string, Uint8Array>
  /** Files that were left out. */
  skipped: readonly Unsupported[]
  /** There may be more files than these: an address cannot be asked for a list. */
  partial?: boolean
}

export interface FileEntry {
  path: string
  /** Bytes, as far as they are known before the file is read. */
  size: number
  /** Rejects with EngineError when the bytes are not what was said of them. */
  read(): Promise<Uint8Array>
}

/** Folders that are no part of a lesson: history, installed packages, what other systems put beside files. */
const PASSED_OVER = new Set(['.git', 'node_modules', '__MACOSX'])

/** The path with its `.` removed; undefined for one that leads out of the folder, or that no file has. */
export function safePath(path: string): string | undefined {
  if (path.length > IMPORT_LIMITS.path || /^[/\\]|^[a-z]:|[\0-\x1f\x7f]/i.test(path)) return undefined
  const parts = path.split(/[/\\]/).filter((part) => part !== '.' && part !== '')
  if (parts.length === 0 || parts.length > IMPORT_LIMITS.depth || parts.includes('..')) return undefined
  return parts.join('/')
}

/** The path that `path` names in the folder `base` (empty for the outermost); undefined when it leads out of all. */
export function resolvePath(base: string, path: string): string | undefined {
  const parts: string[] = []
  const from = path.startsWith('/') ? '' : base
  for (const part of `${from}/${path}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.length === 0 ? undefined : safePath(parts.join('/'))
}

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/**
 * Reads the files, each within its limits. Rejects with EngineError: `invalid` for a path that leads out of the folder,
 * `too-large` for too many files or bytes.
 */
export async function collectFiles(
  entries: Iterable<FileEntry> | AsyncIterable<FileEntry>,
): Promise<LessonFiles> {
  const files = new Map<string, Uint8Array>()
  const skipped: Unsupported[] = []
  let [count, total] = [0, 0]
  for await (const entry of entries) {
    if (++count > IMPORT_LIMITS.entries) throw tooMany(IMPORT_LIMITS.entries)
    const path = safePath(entry.path)
    if (path === undefined)
      throw new EngineError('invalid', `“${entry.path.slice(0, 80)}” is no path inside of a lesson's folder`)
    if (path.split('/').some((part) => PASSED_OVER.has(part))) continue
    if (entry.size > IMPORT_LIMITS.fileBytes) {
      const what = `${entry.size} bytes`
      if (skipped.length < IMPORT_LIMITS.listed)
        skipped.push({ file: path, line: undefined, what, reason: 'size' })
      continue
    }
    if (files.size >= IMPORT_LIMITS.files) throw tooMany(IMPORT_LIMITS.files)
    const bytes = await entry.read()
    total += bytes.length
    if (total > IMPORT_LIMITS.totalBytes)
      throw new EngineError(
        'too-large',
        `a lesson's files have at most ${IMPORT_LIMITS.totalBytes} bytes together; leave out what it does not need`,
      )
    files.set(path, bytes)
  }
  return { files, skipped }
}

const tooMany = (most: number): EngineError =>
  new EngineError('too-large', `a lesson's folder has at most ${most} files; choose the folder of one lesson`)

/** The file as text, without the mark that some editors put before it. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes)
}
