/** A file tree built from index entries (tree-index.ts) over one run of content. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BlockContent } from './block-content.ts'
import { encodeByteString } from '../../../guest/vocabulary/byte-string.ts'
import {
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  encodeDevice,
  type Directory,
  type DirectoryEntry,
  type FileNode,
  type FileTree,
  type MaybePromise,
} from './file-tree.ts'
import type { TreeEntry } from './tree-index.ts'

/** Linux reports one page for most directories; nothing depends on it. */
const DIRECTORY_SIZE = 4096

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

class MapDirectory implements Directory {
  readonly children = new Map<string, FileNode>()
  private listed: readonly DirectoryEntry[] | undefined

  lookup(name: string): FileNode | undefined {
    return this.children.get(name)
  }

  list(): readonly DirectoryEntry[] {
    this.listed ??= Array.from(this.children, ([name, node]) => ({ name, node }))
    return this.listed
  }
}

export class IndexedTree implements FileTree {
  readonly id: string
  readonly root: FileNode
  readonly nodeCount: number
  private readonly content: BlockContent

  /** @throws EngineError `corrupt` when the entries contradict themselves */
  constructor(id: string, entries: readonly TreeEntry[], content: BlockContent) {
    this.id = id
    this.content = content
    const nodes = buildNodes(this, entries)
    this.root = nodes.root
    this.nodeCount = nodes.count
  }

  readInto(node: FileNode, offset: number, target: Uint8Array): MaybePromise<number> {
    const length = Math.min(target.length, Math.max(0, node.size - offset))
    if (length === 0) return 0
    const start = node.offset + offset
    const reading = this.content.readInto(
      start,
      length === target.length ? target : target.subarray(0, length),
    )
    // Most readers go on reading a file, so the block after this range is loaded meanwhile.
    const next = Math.min(start + 2 * length, node.offset + node.size) - 1
    if (next >= start + length) this.content.readAhead(next)
    return reading === undefined ? length : reading.then(() => length)
  }
}

function buildNodes(tree: FileTree, entries: readonly TreeEntry[]): { root: FileNode; count: number } {
  const byPath = new Map<string, Mutable<FileNode>>()
  let count = 0
  for (const entry of entries) {
    if (byPath.has(entry.path)) throw new EngineError('corrupt', `${tree.id}: ${entry.path} is listed twice`)
    let node: Mutable<FileNode>
    if (entry.hardlink !== undefined) node = linkedNode(tree, byPath, entry)
    else node = makeNode(tree, entry, ++count)
    byPath.set(entry.path, node)
    if (entry.path !== '') attach(tree, byPath, entry.path, node)
  }
  const root = byPath.get('')
  if (root?.directory === undefined)
    throw new EngineError('corrupt', `${tree.id}: the index has no root directory`)
  return { root, count }
}

function attach(tree: FileTree, byPath: Map<string, Mutable<FileNode>>, path: string, node: FileNode): void {
  const slash = path.lastIndexOf('/')
  const parent = byPath.get(slash < 0 ? '' : path.slice(0, slash))
  if (!(parent?.directory instanceof MapDirectory))
    throw new EngineError('corrupt', `${tree.id}: the parent of ${path} is missing or not a directory`)
  parent.directory.children.set(path.slice(slash + 1), node)
  if (node.directory !== undefined) parent.nlink++
}

function linkedNode(
  tree: FileTree,
  byPath: Map<string, Mutable<FileNode>>,
  entry: TreeEntry,
): Mutable<FileNode> {
  const node = byPath.get(entry.hardlink!)
  if (node === undefined || node.directory !== undefined)
    throw new EngineError(
      'corrupt',
      `${tree.id}: ${entry.path} is a hard link to ${entry.hardlink}, which is missing`,
    )
  node.nlink++
  return node
}

function makeNode(tree: FileTree, entry: TreeEntry, number: number): Mutable<FileNode> {
  const type = entry.mode & S_IFMT
  return {
    tree,
    number,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    nanoseconds: entry.nanoseconds ?? 0,
    size: type === S_IFDIR ? DIRECTORY_SIZE : type === S_IFREG ? (entry.size ?? 0) : targetSize(entry),
    nlink: type === S_IFDIR ? 2 : 1,
    rdev: entry.device === undefined ? 0 : encodeDevice(...entry.device),
    offset: entry.offset ?? 0,
    target: entry.target,
    xattrs: entry.xattrs && decodeXattrs(entry.xattrs),
    directory: type === S_IFDIR ? new MapDirectory() : undefined,
  }
}

function targetSize(entry: TreeEntry): number {
  return entry.target === undefined ? 0 : encodeByteString(entry.target).length
}

function decodeXattrs(xattrs: Record<string, string>): Map<string, Uint8Array> {
  const decode = (base64: string): Uint8Array =>
    Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return new Map(Object.entries(xattrs).map(([name, value]) => [name, decode(value)]))
}
