/** Copies between rooted trees as `COPY` does: what stands in the way is replaced, directories are merged. */
import * as fs from 'node:fs'
import { posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import { fileError } from './node-files.ts'
import type { Owner, RootedTree, TreeEntry } from './rooted-tree.ts'

export interface CopyOptions {
  /** undefined: as in the source. */
  owner?: Owner
  /** Permission bits of all that is copied; undefined: as in the source. */
  mode?: number
}

const DIRECTORY_MODE = 0o755
const ROOT: Owner = { uid: 0, gid: 0 }

class Copier {
  readonly #source: RootedTree
  readonly #target: RootedTree
  readonly #options: CopyOptions
  /** Inode of a copied file that has further names → its path in the target. */
  readonly #linked = new Map<number, string>()

  constructor(source: RootedTree, target: RootedTree, options: CopyOptions) {
    this.#source = source
    this.#target = target
    this.#options = options
  }

  copy(from: string, to: string): void {
    const entry = this.#source.entry(from)!
    this.#makeWay(to, entry)
    switch (entry.type) {
      case 'directory':
        this.#makeDirectory(to)
        this.copyMembers(from, to)
        break
      case 'file':
        if (this.#linkAgain(entry, to)) return
        this.#attempt(to, () => fs.copyFileSync(this.#source.path(from), this.#target.path(to)))
        break
      case 'link':
        this.#attempt(to, () => fs.symlinkSync(this.#source.readLink(from), this.#target.path(to)))
        break
      case 'other':
        throw new EngineError('not-supported', `cannot copy ${from}: it is a device, a pipe or a socket`, {
          path: from,
        })
    }
    this.#finish(entry, to)
  }

  copyMembers(from: string, to: string): void {
    for (const name of this.#source.list(from)) this.copy(posix.join(from, name), posix.join(to, name))
  }

  #attempt(path: string, run: () => void): void {
    try {
      run()
    } catch (thrown) {
      throw fileError('copy to', path, thrown)
    }
  }

  #makeWay(to: string, entry: TreeEntry): void {
    const existing = this.#target.entry(to)
    if (existing && !(existing.type === 'directory' && entry.type === 'directory')) this.#target.remove(to)
  }

  #makeDirectory(to: string): void {
    if (!this.#target.entry(to)) this.#attempt(to, () => fs.mkdirSync(this.#target.path(to)))
  }

  #linkAgain(entry: TreeEntry, to: string): boolean {
    if (entry.links < 2) return false
    const first = this.#linked.get(entry.inode)
    if (first === undefined) {
      this.#linked.set(entry.inode, to)
      return false
    }
    this.#attempt(to, () => fs.linkSync(this.#target.path(first), this.#target.path(to)))
    return true
  }

  /**
   * Sets owner, then mode, then times: chown(2) clears set-user-ID bits, and copying members changes a directory's
   * time.
   */
  #finish(entry: TreeEntry, to: string): void {
    const real = this.#target.path(to)
    const { uid, gid } = this.#options.owner ?? entry
    this.#attempt(to, () => {
      fs.lchownSync(real, uid, gid)
      if (entry.type !== 'link') fs.chmodSync(real, this.#options.mode ?? entry.mode)
      fs.lutimesSync(real, entry.modified, entry.modified)
    })
  }
}

/** Copies the members of a directory into a directory, which is made when it is missing. Both paths are resolved. */
export function copyDirectory(
  source: RootedTree,
  from: string,
  target: RootedTree,
  to: string,
  options: CopyOptions,
): void {
  target.makeDirectories(to, options.mode ?? DIRECTORY_MODE, options.owner ?? ROOT)
  new Copier(source, target, options).copyMembers(from, to)
}

/** Copies one file to the path `to`; missing parents are made. */
export function copyFile(
  source: RootedTree,
  from: string,
  target: RootedTree,
  to: string,
  options: CopyOptions,
): void {
  target.makeDirectories(posix.dirname(to), DIRECTORY_MODE, options.owner ?? ROOT)
  new Copier(source, target, options).copy(from, to)
}
