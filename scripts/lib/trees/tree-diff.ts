import { type FileNode, type FileTree, parentOf } from './file-tree.ts'

/** Prefix that says in an image layer that a name of the layers below is gone (OCI image specification, layer.md). */
const WHITEOUT = '.wh.'

/**
 * The entries that turn `below` into `above`, as an image layer has them: all that is new or changed, its parent
 * folders, and a whiteout for all that is gone.
 */
export function diffTrees(below: FileTree, above: FileTree): [path: string, node: FileNode][] {
  const wanted = new Map<string, FileNode>()
  const withParents = (path: string, node: FileNode) => {
    for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
      const folder = above.get(parent)
      if (folder !== undefined) wanted.set(parent, folder)
    }
    wanted.set(path, node)
  }
  for (const [path, node] of above.entries()) {
    if (path !== '' && !sameNode(below.get(path), node)) withParents(path, node)
  }
  for (const path of below.paths()) {
    // The whiteout of a removed folder also removes everything below it.
    if (path === '' || above.has(path) || !above.has(parentOf(path))) continue
    const parent = parentOf(path)
    const name = `${WHITEOUT}${path.slice(parent === '' ? 0 : parent.length + 1)}`
    withParents(parent === '' ? name : `${parent}/${name}`, whiteout(above.mtime))
  }
  return [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))
}

function whiteout(mtime: number): FileNode {
  return { type: 'file', data: Buffer.alloc(0), mode: 0, uid: 0, gid: 0, mtime }
}

function sameNode(a: FileNode | undefined, b: FileNode): boolean {
  if (a === b) return true
  if (a === undefined || a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid) return false
  // A folder's time changes whenever something in it does, so a changed time alone does not put it into the layer.
  if (a.type === 'directory') return b.type === 'directory'
  if (a.mtime !== b.mtime) return false
  if (a.type === 'file') return b.type === 'file' && a.data.equals(b.data)
  if (a.type === 'symlink') return b.type === 'symlink' && a.target === b.target
  return a.type === b.type
}
