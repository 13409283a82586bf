import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../guest/protocol/errors.ts'
import type { BusyboxBuild } from '../build-busybox.ts'
import { AptRoot } from '../lib/debian/apt-root.ts'
import { cloneTree } from '../lib/trees/copy-tree.ts'
import { type PackageRecord, recordPackages, unpackOnto } from '../lib/debian/deb-tree.ts'
import { writeDpkgDatabase } from '../lib/debian/dpkg-database.ts'
import { FileTree } from '../lib/trees/file-tree.ts'
import type { OciLayout } from '../lib/trees/oci-layout.ts'
import { type DebPackage, download, resolve } from '../lib/debian/packages.ts'
import { projectRoot } from '../lib/paths.ts'
import { trim } from '../lib/trees/trim.ts'

/** Our own files that go into images. */
export const IMAGE_SOURCES = join(projectRoot, 'guest/images')

/** The search path of every image, the same as in Docker's official ones. */
export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The tree of an image, and the packages in it. */
export interface ImageTree {
  tree: FileTree
  packages: DebPackage[]
  records: PackageRecord[]
}

export interface ImageContext {
  layout: OciLayout
  /** Packages by image; they are resolved beforehand, because they are part of the cache key. */
  plans: Map<string, DebPackage[]>
  sysroot: string
  /** The programs of the busybox image. */
  busybox: BusyboxBuild
  /** Packages by image; each image adds its own when it is built, for the manifest. */
  records: Map<string, PackageRecord[]>
}

/** The packages that an image adds to those it is built on. */
export async function resolveImage(
  names: string[],
  below: DebPackage[],
  leftOut: string[],
): Promise<DebPackage[]> {
  const root = await AptRoot.open()
  const present = new Set([...below.map(({ name }) => name), ...leftOut])
  const all = await resolve(root, [...below.map(({ name }) => name), ...names])
  return all.filter(({ name }) => !present.has(name))
}

/** Installs packages onto a copy of a tree, with dpkg's database and without documentation. */
export async function install(below: ImageTree | undefined, packages: DebPackage[]): Promise<ImageTree> {
  const tree = below === undefined ? new FileTree(0) : cloneTree(below.tree)
  const debs = await download(await AptRoot.open(), packages)
  const lists = await unpackOnto(tree, packages, debs)
  const records = recordPackages(tree, packages)
  await writeDpkgDatabase(tree, packages, debs, lists)
  trim(tree, KEPT)
  keepCopyrights(tree)
  return {
    tree,
    packages: [...(below?.packages ?? []), ...packages],
    records: [...(below?.records ?? []), ...records],
  }
}

/** These images keep the licences of what they hold, as Debian's slim images do. */
const KEPT = [
  'usr/share/doc',
  'etc/cron.daily',
  'etc/default',
  'usr/share/common-licenses',
  'usr/lib/i386-linux-gnu/gconv',
]

function keepCopyrights(tree: FileTree): void {
  tree.removeWhere((path, node) => {
    if (!path.startsWith('usr/share/doc/') || node.type === 'directory') return false
    return !path.endsWith('/copyright') && !(node.type === 'symlink' && path.split('/').length === 4)
  })
  // A compressed character set table serves programs that convert encodings; these images use only UTF-8.
  tree.removeWhere((path) =>
    /^usr\/lib\/i386-linux-gnu\/gconv\/(?!UTF|UNICODE|ISO8859-1\.|gconv-modules)[^/]+$/.test(path),
  )
}

export async function imageText(path: string): Promise<string> {
  return readFile(join(IMAGE_SOURCES, path), 'utf8')
}

/** Names and versions of packages, for the history of an image. */
export function versions(packages: DebPackage[], ...names: string[]): string {
  return names.map((name) => `${name}=${versionOf(packages, name)}`).join(' ')
}

/** The version of a package in the set: an image never states any other. */
export function versionOf(packages: DebPackage[], name: string): string {
  const found = packages.find((other) => other.name === name)
  if (found === undefined) throw new EngineError('internal', `the image has no package ${name}`)
  return found.version
}

/** The tags that official images have for a version: `1.26.3` has `1`, `1.26` and `1.26.3`. */
export function versionTags(version: string): string[] {
  const parts = version.split('.')
  return parts.map((_, at) => parts.slice(0, at + 1).join('.'))
}
