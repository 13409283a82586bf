import { lstat, readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { FileTree } from './file-tree.ts'

/** Copies a folder of the checkout onto a tree; a file is executable there when its owner may execute it here. */
export async function copyFolder(tree: FileTree, from: string, to = ''): Promise<void> {
  for (const name of (await readdir(from)).sort()) {
    const source = join(from, name)
    const path = to === '' ? name : `${to}/${name}`
    const status = await lstat(source)
    if (status.isDirectory()) await copyFolder(tree, source, path)
    else if (status.isSymbolicLink()) tree.symlink(path, await readlink(source))
    else tree.file(path, await readFile(source), { mode: (status.mode & 0o100) === 0 ? 0o644 : 0o755 })
  }
}

/** Copies a tree, with the same nodes, so that adding others does not change the first. */
export function cloneTree(tree: FileTree): FileTree {
  const copy = new FileTree(tree.mtime)
  for (const [path, node] of tree.entries()) copy.set(path, node)
  return copy
}
