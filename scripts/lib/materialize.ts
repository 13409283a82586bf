import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileNode, FileTree } from './trees/file-tree.ts'

/** Writes the chosen part of a tree to disk: contents, links and permission bits, but not owners or devices. */
export async function materialize(
  tree: FileTree,
  dir: string,
  wanted: (path: string) => boolean,
): Promise<void> {
  const first = new Map<FileNode, string>()
  for (const [path, node] of tree.entries()) {
    if (path === '' || !wanted(path)) continue
    const target = join(dir, path)
    await mkdir(dirname(target), { recursive: true })
    const carrier = first.get(node)
    if (carrier !== undefined) await link(carrier, target)
    else if (node.type === 'directory') await mkdir(target, { recursive: true })
    else if (node.type === 'symlink') await symlink(node.target, target)
    else if (node.type === 'file') await writeFile(target, node.data, { mode: node.mode & 0o777 })
    first.set(node, target)
  }
}
