import { FileTree } from '../trees/file-tree.ts'
import { summarizeLicences } from './licences.ts'
import type { DebPackage } from './packages.ts'
import { readTar } from '../trees/read-tar.ts'
import { run } from '../run.ts'

/** A package in the manifest. */
export interface PackageRecord {
  name: string
  version: string
  licence: string
  /** Debian source package (with its version when it differs), or `npm`. */
  source: string
  /** For Debian: the sha256 of the .deb file, or of the .dsc file of a source package. */
  sha256?: string
  /** For npm: the digest of the archive in package-lock.json. */
  integrity?: string
}

/** Packages unpacked on one another, as dpkg would, with no maintainer script run. */
export interface DebTree {
  tree: FileTree
  records: PackageRecord[]
  /** Paths of each package's files, in its order. */
  lists: Map<string, string[]>
}

/** @param debs the .deb files by package name */
export async function unpackDebs(packages: DebPackage[], debs: Map<string, string>): Promise<DebTree> {
  const tree = new FileTree(0)
  const lists = await unpackOnto(tree, packages, debs)
  return { tree, lists, records: recordPackages(tree, packages) }
}

/**
 * Unpacks packages onto a tree and returns the paths of each one's files. The tree's own time becomes that of the
 * newest file in it.
 */
export async function unpackOnto(
  tree: FileTree,
  packages: DebPackage[],
  debs: Map<string, string>,
): Promise<Map<string, string[]>> {
  const lists = new Map<string, string[]>()
  for (const { name } of baseFirst(packages)) {
    lists.set(name, readTar(await run('dpkg-deb', ['--fsys-tarfile', debs.get(name)!]), tree))
  }
  for (const [, node] of tree.entries()) tree.mtime = Math.max(tree.mtime, node.mtime)
  return lists
}

/** The manifest's records, while the tree still holds the packages' copyright files. */
export function recordPackages(tree: FileTree, packages: DebPackage[]): PackageRecord[] {
  return packages.map(({ name, version, source, sha256 }) => {
    return { name, version, source, sha256, licence: licenceOf(tree, name) }
  })
}

/** base-files carries the links of the merged /usr, through which the others' paths lead. */
function baseFirst(packages: DebPackage[]): DebPackage[] {
  return [...packages].sort((a, b) => Number(b.name === 'base-files') - Number(a.name === 'base-files'))
}

function licenceOf(tree: FileTree, name: string): string {
  const node = tree.follow(`usr/share/doc/${name}/copyright`)
  return node?.type === 'file' ? summarizeLicences(node.data.toString()) : 'see the copyright file'
}
