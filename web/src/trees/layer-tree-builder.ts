/**
 * Turns the members of a layer's tar into the entries of a tree, as an extraction into an empty directory would leave
 * them, with the whiteouts of the OCI layer format translated to overlayfs's own:
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts,
 * https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories
 *
 * Names are resolved inside the layer as umoci and containerd do: a symbolic link in the way is followed with the
 * layer's root as `/`, so nothing can point out of it.
 */
import { encodeByteString } from '../../../guest/vocabulary/byte-string.ts'
import type { PlacedTarMember } from '../../../guest/vocabulary/tar/decoder.ts'
import { TarFormatError } from '../../../guest/vocabulary/tar/format-error.ts'
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from './file-tree.ts'
import type { TreeEntry } from './tree-index.ts'

const WHITEOUT = '.wh.'
const WHITEOUT_META = '.wh..wh.'
const WHITEOUT_OPAQUE = '.wh..wh..opq'
export const OPAQUE_XATTR = 'trusted.overlay.opaque'
/** Overlayfs's own attributes: a layer that carried them could redirect or hide what lies below it. */
const OVERLAY_XATTR = /^(trusted|user)\.overlay\./

const NAME_MAX = 255
const PATH_MAX = 4096
/** Linux's limit on links in one lookup. */
const MAX_LINKS = 40
/** 2 GiB: what a 32-bit program without large-file support can read. */
export const MAX_FILE_SIZE = 2 ** 31 - 1
/** A system image has some 20,000; the entries are kept in memory. */
export const MAX_ENTRIES = 500_000

interface BuildNode {
  /** Set when a member lay in it but the archive says nothing about its attributes. */
  implicit?: boolean
  entry: Omit<TreeEntry, 'path' | 'hardlink'>
  children?: Map<string, BuildNode>
  /** Names that this layer removes from the ones below. */
  whiteouts?: Set<string>
  opaque?: boolean
}

const TYPE_BITS = {
  file: S_IFREG,
  symlink: S_IFLNK,
  character: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
  directory: S_IFDIR,
} as const

export interface BuiltTree {
  entries: TreeEntry[]
  /** Bytes of regular files, hard links counted once. */
  unpackedSize: number
  /** Directories that the archive does not describe, the root perhaps among them. */
  implicit: string[]
}

export class LayerTreeBuilder {
  private readonly root = implicitDirectory()
  private members = 0

  /** @throws TarFormatError naming the member */
  add(member: PlacedTarMember): void {
    if (++this.members > MAX_ENTRIES)
      throw new TarFormatError(`the archive has more than ${MAX_ENTRIES} members`)
    if (member.size > MAX_FILE_SIZE)
      throw new TarFormatError(`${member.path} has ${member.size} bytes; files over 2 GiB are not supported`)
    const names = splitPath(member.path)
    const name = names.pop()
    if (name === undefined) return this.addRoot(member)
    const parent = this.directoryAt(names, member.path)
    if (name.startsWith(WHITEOUT)) addWhiteout(parent, name, member.path)
    else if (member.type === 'hardlink') this.addHardLink(parent, name, member)
    else addNode(parent, name, member)
  }

  build(): BuiltTree {
    const entries: TreeEntry[] = []
    const firstPaths = new Map<BuildNode, string>()
    const implicit: string[] = []
    let unpackedSize = 0
    const emit = (path: string, node: BuildNode, removedBelow: boolean): void => {
      const first = firstPaths.get(node)
      if (first !== undefined) {
        entries.push({ path, ...node.entry, hardlink: first })
        return
      }
      firstPaths.set(node, path)
      if (node.implicit === true) implicit.push(path)
      unpackedSize += node.entry.size ?? 0
      // A directory that a layer both removes and makes anew hides the one below. One name has one node, so it is
      // opaque.
      const opaque = node.children !== undefined && (node.opaque === true || removedBelow)
      entries.push({ path, ...finished(node, opaque) })
      const prefix = path === '' ? '' : `${path}/`
      for (const [name, child] of node.children ?? [])
        emit(prefix + name, child, node.whiteouts?.has(name) ?? false)
      for (const name of node.whiteouts ?? [])
        if (node.children?.has(name) !== true) entries.push({ path: prefix + name, ...WHITEOUT_DEVICE })
    }
    emit('', this.root, false)
    return { entries, unpackedSize, implicit }
  }

  private addRoot(member: PlacedTarMember): void {
    if (member.type !== 'directory')
      throw new TarFormatError(`${JSON.stringify(member.path)} replaces the root`)
    describe(this.root, member)
  }

  private addHardLink(parent: BuildNode, name: string, member: PlacedTarMember): void {
    const names = splitPath(member.link)
    const last = names.pop()
    const directory = last === undefined ? undefined : this.find(names)
    const target = directory?.children?.get(last!)
    if (target === undefined)
      throw new TarFormatError(`${member.path} is a hard link to ${member.link}, which is not in the layer`)
    if (target.children !== undefined)
      throw new TarFormatError(`${member.path} is a hard link to a directory`)
    parent.children!.set(name, target)
  }

  /**
   * Finds the directory, following links; makes it and its parents where they are missing, in place of anything that is
   * no directory.
   */
  private directoryAt(names: readonly string[], path: string): BuildNode {
    return this.lookup(names, path, (parent, name) => {
      const directory = implicitDirectory()
      parent.children!.set(name, directory)
      return directory
    })!
  }

  private find(names: readonly string[]): BuildNode | undefined {
    return this.lookup(names, names.join('/'), () => undefined)
  }

  private lookup(
    names: readonly string[],
    path: string,
    missing: (parent: BuildNode, name: string) => BuildNode | undefined,
  ): BuildNode | undefined {
    const trail: BuildNode[] = [this.root]
    const rest = names.toReversed()
    let links = 0
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '..') {
        if (trail.length > 1) trail.pop()
        continue
      }
      const parent = trail.at(-1)!
      const child = parent.children!.get(name)
      const target = child?.entry.target
      if (target !== undefined) {
        if (++links > MAX_LINKS) throw new TarFormatError(`${path} runs through a loop of symbolic links`)
        if (target.startsWith('/')) trail.length = 1
        rest.push(...target.split('/').filter(isRealName).reverse())
        continue
      }
      const next = child?.children === undefined ? missing(parent, name) : child
      if (next === undefined) return undefined
      trail.push(next)
    }
    return trail.at(-1)
  }
}

function isRealName(name: string): boolean {
  return name !== '' && name !== '.'
}

/** Absolute names start at the layer's root, as relative ones do. */
function splitPath(path: string): string[] {
  if (path.includes('\0')) throw new TarFormatError(`${JSON.stringify(path)} has a NUL in its name`)
  if (encodeByteString(path).length > PATH_MAX)
    throw new TarFormatError(`the name ${path.slice(0, 80)}… is too long`)
  const names: string[] = []
  for (const name of path.split('/').filter(isRealName)) {
    if (name !== '..') {
      if (encodeByteString(name).length > NAME_MAX)
        throw new TarFormatError(`the name ${name.slice(0, 80)}… is too long`)
      names.push(name)
    } else if (names.pop() === undefined) throw new TarFormatError(`${path} points out of the layer`)
  }
  return names
}

function addWhiteout(parent: BuildNode, name: string, path: string): void {
  if (name === WHITEOUT_OPAQUE) {
    parent.opaque = true
    return
  }
  // AUFS's bookkeeping (.wh..wh.plnk and so on) says nothing about the tree.
  if (name.startsWith(WHITEOUT_META)) return
  const hidden = name.slice(WHITEOUT.length)
  if (hidden === '' || hidden === '.' || hidden === '..')
    throw new TarFormatError(`${path} removes no possible name`)
  parent.whiteouts ??= new Set()
  parent.whiteouts.add(hidden)
}

function addNode(parent: BuildNode, name: string, member: PlacedTarMember): void {
  const existing = parent.children!.get(name)
  if (member.type !== 'directory') parent.children!.set(name, { entry: entryOf(member) })
  else if (existing?.children !== undefined) describe(existing, member)
  else parent.children!.set(name, { entry: entryOf(member), children: new Map() })
}

function describe(directory: BuildNode, member: PlacedTarMember): void {
  directory.entry = entryOf(member)
  directory.implicit = false
}

function finished(node: BuildNode, opaque: boolean): Omit<TreeEntry, 'path' | 'hardlink'> {
  if (!opaque) return node.entry
  return { ...node.entry, xattrs: { ...node.entry.xattrs, [OPAQUE_XATTR]: btoa('y') } }
}

function implicitDirectory(): BuildNode {
  return { implicit: true, entry: { mode: S_IFDIR | 0o755, uid: 0, gid: 0, mtime: 0 }, children: new Map() }
}

const WHITEOUT_DEVICE = {
  mode: S_IFCHR,
  uid: 0,
  gid: 0,
  mtime: 0,
  device: [0, 0],
} satisfies Omit<TreeEntry, 'path'>

function entryOf(member: PlacedTarMember): BuildNode['entry'] {
  const { type, uid, gid, mtime, nanoseconds } = member
  if (type === 'hardlink') throw new TarFormatError(`${member.path} is a hard link in place of a node`)
  const xattrs = Object.entries(member.xattrs).filter(([name]) => !OVERLAY_XATTR.test(name))
  return {
    mode: TYPE_BITS[type] | member.mode,
    uid,
    gid,
    mtime,
    ...(nanoseconds !== 0 && { nanoseconds }),
    ...(type === 'file' && { size: member.size, offset: member.offset }),
    ...(type === 'symlink' && { target: member.link }),
    ...((type === 'character' || type === 'block') && { device: member.device }),
    ...(xattrs.length > 0 && {
      xattrs: Object.fromEntries(xattrs.map(([name, value]) => [name, toBase64(value)])),
    }),
  }
}

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
