import { EngineError } from '../../../guest/protocol/errors.ts'
import { encodeByteString } from '../../../guest/vocabulary/byte-string.ts'
import { TarDecoder } from '../../../guest/vocabulary/tar/decoder.ts'
import type { TarMember } from '../../../guest/vocabulary/tar/member.ts'
import type { FileNode, FileTree } from './file-tree.ts'

/** Unpacks a tar archive onto a tree; later entries replace earlier ones. Paths lose a leading './' or '/'. */
export function readTar(archive: Buffer, tree: FileTree): string[] {
  const paths: string[] = []
  const decoder = new TarDecoder()
  for (const event of decoder.push(archive)) {
    if (event.kind === 'content') continue
    const { member } = event
    const path = clean(text(member.path))
    paths.push(path)
    const data = archive.subarray(member.offset, member.offset + member.size)
    tree.set(
      path,
      member.type === 'hardlink' ? linked(tree, path, clean(text(member.link))) : node(member, data),
    )
  }
  decoder.finish()
  return paths
}

/** @throws EngineError `corrupt`: a tree has names of UTF-8 alone */
function text(name: string): string {
  if (!/[\udc80-\udcff]/u.test(name)) return name
  throw new EngineError('corrupt', `${Buffer.from(encodeByteString(name)).toString('latin1')} is not UTF-8`)
}

function node({ type, mode, uid, gid, mtime, link, device }: TarMember, data: Buffer): FileNode {
  const attributes = { mode, uid, gid, mtime }
  switch (type) {
    case 'file':
      return { ...attributes, type, data }
    case 'symlink':
      return { ...attributes, type, target: text(link) }
    case 'character':
    case 'block':
      return { ...attributes, type, device }
    case 'directory':
    case 'fifo':
      return { ...attributes, type }
    case 'hardlink':
      throw new EngineError('internal', 'a hard link is no node of its own')
  }
}

function linked(tree: FileTree, path: string, target: string): FileNode {
  const node = tree.follow(target)
  if (node === undefined)
    throw new EngineError('corrupt', `${path} is a hard link to ${target}, which is not there`)
  return node
}

function clean(name: string): string {
  return name
    .replace(/^(\.?\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '')
}
