/**
 * A directory of the guest as a root of its own: links and `..` in it are followed as a process chrooted there would, so
 * none leads out. For trees that nobody else changes meanwhile (a build's private mounts and directories): that is what
 * makes looking a path up first, and using it then, safe. Calls are synchronous inside, as in node-files.ts.
 *
 * Paths are absolute within the tree. All but `resolve` and `follow` take a resolved path and look at the entry itself.
 */
import { createHash, type Hash } from 'node:crypto'
import * as fs from 'node:fs'
import { join, posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import { fileError } from './node-files.ts'

export interface TreeEntry {
  type: 'file' | 'directory' | 'link' | 'other'
  /** Permission bits. */
  mode: number
  uid: number
  gid: number
  size: number
  rdev: number
  inode: number
  links: number
  modified: Date
}

export interface Owner {
  uid: number
  gid: number
}

/** path_resolution(7): the kernel's limit is 40; Docker's 255. */
const MAXIMUM_LINKS = 255
const READ_SIZE = 256 * 1024

function typeOf(stat: fs.Stats): TreeEntry['type'] {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

const names = (path: string) => path.split('/').filter((name) => name !== '' && name !== '.')

export class RootedTree {
  /** The guest's path of the tree. */
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** The guest's path of a resolved path. */
  path(path: string): string {
    return join(this.root, path)
  }

  #attempt<T>(action: string, path: string, run: (real: string) => T): T {
    try {
      return run(this.path(path))
    } catch (thrown) {
      throw fileError(action, path, thrown)
    }
  }

  /** Follows every link in the path; what is missing at its end stays as it is. */
  resolve(path: string): string {
    const done: string[] = []
    const ahead = names(path)
    let links = 0
    while (ahead.length > 0) {
      const name = ahead.shift()!
      if (name === '..') {
        done.pop()
        continue
      }
      const here = `/${[...done, name].join('/')}`
      if (this.entry(here)?.type !== 'link') {
        done.push(name)
        continue
      }
      if (++links > MAXIMUM_LINKS)
        throw new EngineError('invalid', `${path}: too many levels of symbolic links`, { path })
      const target = this.readLink(here)
      if (target.startsWith('/')) done.length = 0
      ahead.unshift(...names(target))
    }
    return `/${done.join('/')}`
  }

  /** The entry at the path; undefined when there is none. */
  entry(path: string): TreeEntry | undefined {
    const stat = this.#attempt('stat', path, (real) => lstat(real))
    return (
      stat && {
        ...{ type: typeOf(stat), mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid },
        ...{ size: stat.size, rdev: stat.rdev, inode: stat.ino, links: stat.nlink, modified: stat.mtime },
      }
    )
  }

  /** The entry that a path leads to. */
  follow(path: string): { path: string; entry: TreeEntry } | undefined {
    const resolved = this.resolve(path)
    const entry = this.entry(resolved)
    return entry && { path: resolved, entry }
  }

  /** The names in a directory, sorted. */
  list(path: string): string[] {
    return this.#attempt('list', path, (real) => fs.readdirSync(real).sort())
  }

  readLink(path: string): string {
    return this.#attempt('read the link', path, (real) => fs.readlinkSync(real))
  }

  readText(path: string): string {
    return this.#attempt('read', path, (real) => fs.readFileSync(real, 'utf8'))
  }

  /** The first `length` bytes of a file, or all there are. */
  head(path: string, length: number): Uint8Array {
    return this.#attempt('read', path, (real) => {
      const descriptor = fs.openSync(real, 'r')
      try {
        const bytes = Buffer.alloc(length)
        return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, length, 0))
      } finally {
        fs.closeSync(descriptor)
      }
    })
  }

  /** SHA-256 of what an entry is: name, type, mode, owner, and contents or target; not its times. */
  checksum(path: string): string {
    const entry = this.entry(path)
    if (!entry) throw new EngineError('not-found', `stat ${path}: no such file or directory`, { path })
    const { type, mode, uid, gid, size, rdev } = entry
    const hash = createHash('sha256')
    const target = type === 'link' ? this.readLink(path) : ''
    hash.update(JSON.stringify([path, type, mode, uid, gid, type === 'file' ? size : rdev, target]))
    if (type === 'file') this.#attempt('read', path, (real) => hashFile(hash, real))
    return hash.digest('hex')
  }

  /** Makes the missing directories of the path with this mode and owner. */
  makeDirectories(path: string, mode: number, owner: Owner): void {
    if (this.entry(path) !== undefined || path === '/') return
    this.makeDirectories(posix.dirname(path), mode, owner)
    this.#attempt('make the directory', path, (real) => {
      fs.mkdirSync(real)
      fs.chmodSync(real, mode)
      fs.lchownSync(real, owner.uid, owner.gid)
    })
  }

  write(path: string, data: string, mode: number, owner: Owner): void {
    this.remove(path)
    this.#attempt('write', path, (real) => {
      fs.writeFileSync(real, data)
      fs.lchownSync(real, owner.uid, owner.gid)
      fs.chmodSync(real, mode)
    })
  }

  remove(path: string): void {
    this.#attempt('remove', path, (real) => fs.rmSync(real, { recursive: true, force: true }))
  }
}

function lstat(path: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw thrown
  }
}

function hashFile(hash: Hash, path: string): void {
  const descriptor = fs.openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(READ_SIZE)
    for (;;) {
      const length = fs.readSync(descriptor, buffer)
      if (length === 0) return
      hash.update(buffer.subarray(0, length))
    }
  } finally {
    fs.closeSync(descriptor)
  }
}
