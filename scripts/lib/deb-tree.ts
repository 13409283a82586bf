import { FileTree } from './file-tree.ts'
import { summarizeLicences } from './licences.ts'
import type { DebPackage } from './packages.ts'
import { readTar } from './read-tar.ts'
import { run } from './run.ts'

/** What the manifest says about a package. */
export interface PackageRecord {
  name: string
  version: string
  licence: string
  source: string
  sha256: string
}

/** Packages unpacked on one another, as dpkg would, with no maintainer script run. */
export interface DebTree {
  tree: FileTree
  records: PackageRecord[]
  /** Paths of each package's files, in its order. */
  lists: Map<string, string[]>
}

/** `debs`: the .deb files by package name. The tree's own time becomes that of the newest file in any of them. */
export async function unpackDebs(packages: DebPackage[], debs: Map<string, string>): Promise<DebTree> {
  const tree = new FileTree(0)
  const lists = new Map<string, string[]>()
  for (const { name } of baseFirst(packages)) {
    lists.set(name, await readTar(await run('dpkg-deb', ['--fsys-tarfile', debs.get(name)!]), tree))
  }
  for (const [, node] of tree.entries()) tree.mtime = Math.max(tree.mtime, node.mtime)
  const records = packages.map(({ name, version, source, sha256 }) => {
    return { name, version, source, sha256, licence: licenceOf(tree, name) }
  })
  return { tree, records, lists }
}

/** base-files carries the links of the merged /usr, through which the others' paths lead. */
function baseFirst(packages: DebPackage[]): DebPackage[] {
  return [...packages].sort((a, b) => Number(b.name === 'base-files') - Number(a.name === 'base-files'))
}

function licenceOf(tree: FileTree, name: string): string {
  const node = tree.follow(`usr/share/doc/${name}/copyright`)
  return node?.type === 'file' ? summarizeLicences(node.data.toString()) : 'see the copyright file'
}
