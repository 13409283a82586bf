/** Files in memory, for unit tests: a tree of plain entries. */
import { EngineError } from '../../protocol/errors.ts'
import type { Files } from '../host/files/files.ts'

interface Entry {
  /** Type bits and permissions, as in struct stat. */
  mode: number
  uid: number
  gid: number
  content: Uint8Array
  /** The target of a symbolic link. */
  link?: string
  rdev: number
  mtimeMs: number
  inode: number
}

const DIRECTORY = 0o040000
const REGULAR = 0o100000
const LINK = 0o120000
const TYPE = 0o170000

const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content.slice()

export class MemoryFiles implements Files {
  readonly #entries = new Map<string, Entry>()
  #inodes = 1

  constructor(files: Record<string, string> = {}) {
    this.#put('/', { mode: DIRECTORY | 0o755 })
    for (const [path, content] of Object.entries(files)) this.put(path, content)
  }

  /** Puts a file and its parents in place synchronously: for test set-up, and for a writer that is not the engine. */
  put(path: string, content: string | Uint8Array, attributes: Partial<Entry> = {}): void {
    this.#parents(path)
    this.#put(path, { mode: REGULAR | 0o644, content: bytesOf(content), ...attributes })
  }

  symlink(path: string, target: string): void {
    this.#parents(path)
    this.#put(path, { mode: LINK | 0o777, link: target })
  }

  /** The paths of everything that there is. */
  get paths(): string[] {
    return [...this.#entries.keys()]
  }

  async read(path: string): Promise<Uint8Array> {
    return this.#get(path, REGULAR).content.slice()
  }

  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path))
  }

  async exists(path: string): Promise<boolean> {
    return this.#entries.has(this.#normal(path))
  }

  async list(path: string): Promise<string[]> {
    this.#get(path, DIRECTORY)
    const prefix = this.#normal(path) === '/' ? '/' : `${this.#normal(path)}/`
    const names = [...this.#entries.keys()].filter((key) => key !== '/' && key.startsWith(prefix))
    return names.map((key) => key.slice(prefix.length)).filter((name) => !name.includes('/'))
  }

  async makeDirectory(path: string, mode = 0o755): Promise<void> {
    if (this.#entries.has(this.#normal(path))) return void this.#get(path, DIRECTORY)
    this.#parents(path)
    this.#put(path, { mode: DIRECTORY | mode })
  }

  async writeAtomically(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    this.#get(this.#parent(path), DIRECTORY)
    this.#put(path, { mode: REGULAR | mode, content: bytesOf(content) })
  }

  async write(path: string, content: string): Promise<void> {
    this.#get(this.#parent(path), DIRECTORY)
    const mode = this.#entries.get(this.#normal(path))?.mode ?? REGULAR | 0o644
    this.#put(path, { mode, content: bytesOf(content) })
  }

  async remove(path: string): Promise<void> {
    this.#get(path)
    this.#entries.delete(this.#normal(path))
  }

  async removeTree(path: string): Promise<void> {
    const root = this.#normal(path)
    for (const key of [...this.#entries.keys()])
      if (key === root || key.startsWith(`${root}/`)) this.#entries.delete(key)
  }

  async copyTree(from: string, to: string): Promise<void> {
    const source = this.#normal(from)
    this.#get(from)
    this.#parents(to)
    for (const [key, entry] of [...this.#entries])
      if (key === source || key.startsWith(`${source}/`))
        this.#put(this.#normal(to) + key.slice(source.length), { ...entry })
  }

  async stat(path: string) {
    const { mode, uid, gid, content, mtimeMs, inode, rdev } = this.#get(path)
    return { mode, uid, gid, size: content.length, mtimeMs, inode, rdev }
  }

  async readLink(path: string): Promise<string> {
    const { link } = this.#get(path)
    if (link === undefined) throw new EngineError('invalid', `cannot read the link ${path}: EINVAL`, { path })
    return link
  }

  async usage(path: string): Promise<number> {
    const root = this.#normal(path)
    this.#get(path)
    let sum = 0
    for (const [key, entry] of this.#entries)
      if (key === root || key.startsWith(`${root}/`)) sum += entry.content.length
    return sum
  }

  #get(path: string, type?: number): Entry {
    const entry = this.#entries.get(this.#normal(path))
    if (!entry) throw new EngineError('not-found', `cannot open ${path}: ENOENT`, { path, errno: 'ENOENT' })
    if (type !== undefined && (entry.mode & TYPE) !== type)
      throw new EngineError('invalid', `cannot open ${path}: wrong type of file`, { path })
    return entry
  }

  #put(path: string, entry: Partial<Entry>): void {
    const defaults = { uid: 0, gid: 0, content: new Uint8Array(), rdev: 0, mtimeMs: 0, mode: REGULAR | 0o644 }
    this.#entries.set(this.#normal(path), { ...defaults, inode: this.#inodes++, ...entry })
  }

  #parents(path: string): void {
    const parent = this.#parent(path)
    if (this.#entries.has(parent)) return
    this.#parents(parent)
    this.#put(parent, { mode: DIRECTORY | 0o755 })
  }

  #parent(path: string): string {
    return this.#normal(path).replace(/\/[^/]*$/, '') || '/'
  }

  #normal(path: string): string {
    return path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1')
  }
}
