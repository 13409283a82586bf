/**
 * Files on node:fs. The calls are synchronous inside: on tmpfs, proc and cgroup files a system call takes microseconds,
 * a round trip through libuv's thread pool many times that in the guest.
 */
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineError, type ErrorCode } from '../../../protocol/errors.ts'
import type { Files } from './files.ts'
import { removeTree } from './remove-tree.ts'

const CODES: Record<string, ErrorCode> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EEXIST: 'conflict',
  ENOTEMPTY: 'conflict',
  EBUSY: 'conflict',
  ENOSPC: 'exhausted',
  EDQUOT: 'exhausted',
  EMFILE: 'exhausted',
  EINVAL: 'invalid',
  ERANGE: 'invalid',
}

/** An errno of node:fs as an EngineError whose details name the path and the errno. */
export function fileError(action: string, path: string, thrown: unknown): EngineError {
  const errno = (thrown as NodeJS.ErrnoException).code ?? 'unknown'
  return new EngineError(
    CODES[errno] ?? 'internal',
    `cannot ${action} ${path}: ${errno}`,
    { path, errno },
    thrown,
  )
}

function attempt<T>(action: string, path: string, run: () => T): Promise<T> {
  try {
    return Promise.resolve(run())
  } catch (thrown) {
    return Promise.reject(fileError(action, path, thrown))
  }
}

let temporaryNames = 0

/** write(2) takes fewer bytes than it was given when the disk fills up: only the call after it says ENOSPC. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;)
    written += fs.writeSync(descriptor, bytes, written, bytes.length - written)
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : content

function writeAtomically(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = `${path}.${process.pid}.${temporaryNames++}`
  try {
    const descriptor = fs.openSync(temporary, 'wx', mode)
    try {
      writeAll(descriptor, bytesOf(content))
      fs.fsyncSync(descriptor)
    } finally {
      fs.closeSync(descriptor)
    }
    fs.renameSync(temporary, path)
  } catch (thrown) {
    fs.rmSync(temporary, { force: true })
    throw thrown
  }
}

/** cgroup and proc files take a value in one write(2) and must be neither created nor truncated first. */
function writePlain(path: string, content: string): void {
  const descriptor = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_CREAT, 0o644)
  try {
    const stat = fs.fstatSync(descriptor)
    const bytes = bytesOf(content)
    if (stat.size > bytes.length) fs.ftruncateSync(descriptor)
    writeAll(descriptor, bytes)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Programs remove files while this counts: a file that has gone takes no room. */
function usageBelow(path: string): number {
  try {
    const stat = fs.lstatSync(path)
    return stat.isDirectory() ? sumOf(path) : stat.size
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw thrown
  }
}

const sumOf = (directory: string): number =>
  fs.readdirSync(directory).reduce((sum, name) => sum + usageBelow(join(directory, name)), 0)

function usage(path: string): number {
  const stat = fs.lstatSync(path)
  return stat.isDirectory() ? sumOf(path) : stat.size
}

/** node:fs copies neither owners nor device nodes; xattrs of a tmpfs tree are the overlay's own and never copied. */
function copyTree(from: string, to: string): void {
  const stat = fs.lstatSync(from)
  if (stat.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(from), to)
  else if (stat.isDirectory()) {
    fs.mkdirSync(to, { recursive: true })
    for (const name of fs.readdirSync(from)) copyTree(join(from, name), join(to, name))
  } else if (stat.isFile()) fs.copyFileSync(from, to)
  else
    throw new EngineError(
      'not-supported',
      `cannot copy ${from}: it is neither a file, a directory nor a link`,
    )
  fs.lchownSync(to, stat.uid, stat.gid)
  if (stat.isSymbolicLink()) return
  fs.chmodSync(to, stat.mode & 0o7777)
  fs.utimesSync(to, stat.atime, stat.mtime)
}

export function nodeFiles(): Files {
  return {
    read: (path) => attempt('read', path, () => fs.readFileSync(path)),
    readText: (path) => attempt('read', path, () => fs.readFileSync(path, 'utf8')),
    exists: (path) => Promise.resolve(fs.existsSync(path)),
    list: (path) => attempt('list', path, () => fs.readdirSync(path)),
    makeDirectory: (path, mode) =>
      attempt(
        'make the directory',
        path,
        () => void fs.mkdirSync(path, { recursive: true, mode: mode ?? 0o755 }),
      ),
    writeAtomically: (path, content, mode) =>
      attempt('write', path, () => writeAtomically(path, content, mode ?? 0o644)),
    write: (path, content) => attempt('write', path, () => writePlain(path, content)),
    remove: (path) => attempt('remove', path, () => fs.unlinkSync(path)),
    removeTree: (path) =>
      removeTree(path).catch((thrown: unknown) => Promise.reject(fileError('remove', path, thrown))),
    copyTree: (from, to) =>
      attempt('copy', from, () => {
        fs.mkdirSync(dirname(to), { recursive: true })
        copyTree(from, to)
      }),
    stat: (path) =>
      attempt('stat', path, () => {
        const { mode, uid, gid, size, mtimeMs, ino, rdev } = fs.lstatSync(path)
        return { mode, uid, gid, size, mtimeMs, inode: ino, rdev }
      }),
    readLink: (path) => attempt('read the link', path, () => fs.readlinkSync(path)),
    usage: (path) => attempt('measure', path, () => usage(path)),
  }
}
