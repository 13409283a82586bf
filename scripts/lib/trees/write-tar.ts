import { packTar, type TarEntry } from '../../../guest/vocabulary/tar/write-tar.ts'
import type { FileNode } from './file-tree.ts'

/**
 * Writes a tar archive of these entries in this order. Equal entries give equal bytes: numeric owners only, whole
 * seconds, no device or inode numbers. A node that occurs again is written as a hard link.
 */
export function writeTar(entries: readonly [path: string, node: FileNode][]): Buffer {
  const first = new Map<FileNode, string>()
  const members = entries.map(([path, node]) => {
    const carrier = first.get(node)
    if (carrier === undefined) first.set(node, path)
    return describe(path, node, carrier)
  })
  return Buffer.from(packTar(members).buffer)
}

function describe(
  path: string,
  node: FileNode,
  carrier: string | undefined,
): TarEntry & { content?: Uint8Array } {
  const { type, mode, uid, gid, mtime, xattrs = {} } = node
  const attributes = { mode, uid, gid, mtime }
  if (carrier !== undefined) return { ...attributes, path, type: 'hardlink', link: carrier }
  switch (type) {
    case 'directory':
      return { ...attributes, xattrs, path: `${path}/`, type }
    case 'file':
      return { ...attributes, xattrs, path, type, content: node.data }
    case 'symlink':
      return { ...attributes, path, type, link: node.target }
    case 'fifo':
      return { ...attributes, path, type }
    case 'character':
    case 'block':
      return { ...attributes, path, type, device: node.device }
  }
}
