import { EngineError } from '../../../guest/protocol/errors.ts'

/** Permission bits (with setuid, setgid and sticky), owner and time (seconds) of a node. */
export interface Attributes {
  mode: number
  uid: number
  gid: number
  mtime: number
  xattrs?: Record<string, Buffer>
}

/** One inode. Two paths that hold the same object are hard links of each other. */
export type FileNode = Attributes &
  (
    | { type: 'directory' }
    | { type: 'file'; data: Buffer }
    | { type: 'symlink'; target: string }
    | { type: 'fifo' }
    | { type: 'character' | 'block'; device: [major: number, minor: number] }
  )

/** Attributes that a caller may leave out. */
type Defaults = Partial<Attributes>

/** Symbolic links through which a path may lead, as in Linux. */
const MAX_LINKS = 40

/**
 * A file tree in memory, in which packages are unpacked, trimmed and added to without root on the host. Paths are
 * relative, '/'-separated, without a leading slash; '' is the root.
 */
export class FileTree {
  private readonly nodes = new Map<string, FileNode>()
  /** The time of what the builders add themselves, seconds. */
  mtime: number

  constructor(mtime: number) {
    this.mtime = mtime
    this.nodes.set('', { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime })
  }

  get(path: string): FileNode | undefined {
    return this.nodes.get(path)
  }

  /** The node as `get` gives it, but through symbolic links along the way and at the end. */
  follow(path: string): FileNode | undefined {
    return this.nodes.get(this.realPath(path))
  }

  /** Puts a node at a path whose parents may be symbolic links; missing parents are made. */
  set(path: string, node: FileNode): void {
    const real = this.inRealParent(path)
    const old = this.nodes.get(real)
    if (old?.type === 'directory' && node.type !== 'directory') {
      throw new EngineError('conflict', `${path} is a directory already, not a ${node.type}`)
    }
    // Where a package has a directory and base-files made a link to one, the link stays, as with dpkg.
    if (node.type === 'directory' && old?.type === 'symlink' && this.follow(real)?.type === 'directory')
      return
    this.makeParents(real)
    this.nodes.set(real, node)
  }

  private makeParents(path: string): void {
    for (let parent = parentOf(path); parent !== '' && !this.nodes.has(parent); parent = parentOf(parent)) {
      this.nodes.set(parent, { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: this.mtime })
    }
  }

  directory(path: string, options: Defaults = {}): void {
    this.set(path, { type: 'directory', ...this.attributes(0o755, options) })
  }

  file(path: string, content: string | Buffer, options: Defaults = {}): void {
    const data = typeof content === 'string' ? Buffer.from(content) : content
    this.set(path, { type: 'file', data, ...this.attributes(0o644, options) })
  }

  symlink(path: string, target: string): void {
    this.set(path, { type: 'symlink', target, ...this.attributes(0o777, {}) })
  }

  private attributes(mode: number, options: Defaults): Attributes {
    return { mode, uid: 0, gid: 0, mtime: this.mtime, ...options }
  }

  /** The text of a file that must be there. */
  text(path: string): string {
    const node = this.follow(path)
    if (node?.type !== 'file') throw new EngineError('not-found', `the tree has no file ${path}`)
    return node.data.toString()
  }

  has(path: string): boolean {
    return this.nodes.has(path)
  }

  /** Removes a path with all below it. */
  remove(path: string): void {
    this.removeWhere((other) => other === path || other.startsWith(`${path}/`))
  }

  /** Removes paths that satisfy `unwanted`; a directory goes with all below it. */
  removeWhere(unwanted: (path: string, node: FileNode) => boolean): void {
    const gone = new Set<string>()
    for (const path of this.paths()) {
      if (path === '') continue
      if (gone.has(parentOf(path)) || unwanted(path, this.nodes.get(path)!)) gone.add(path)
    }
    for (const path of gone) this.nodes.delete(path)
  }

  /** All paths, parents before their children, in an order that depends on nothing but their names. */
  paths(): string[] {
    return [...this.nodes.keys()].sort()
  }

  entries(): [path: string, node: FileNode][] {
    return this.paths().map((path) => [path, this.nodes.get(path)!])
  }

  /** Sum of the files' sizes in bytes, each inode once. */
  get size(): number {
    let size = 0
    for (const node of new Set(this.nodes.values())) if (node.type === 'file') size += node.data.length
    return size
  }

  /** The path with every symbolic link on the way resolved. */
  realPath(path: string, depth = 0): string {
    if (depth > MAX_LINKS) throw new EngineError('invalid', `${path} leads through too many symbolic links`)
    const real = this.inRealParent(path, depth)
    const node = this.nodes.get(real)
    if (node?.type !== 'symlink') return real
    return this.realPath(resolveLink(real, node.target), depth + 1)
  }

  private inRealParent(path: string, depth = 0): string {
    const parent = parentOf(path)
    if (parent === '') return path
    return joinPath(this.realPath(parent, depth), path.slice(parent.length + 1))
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function joinPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`
}

/** The path a link at `path` points to, inside the tree. */
function resolveLink(path: string, target: string): string {
  const parts = target.startsWith('/') ? [] : parentOf(path).split('/').filter(Boolean)
  for (const part of target.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
