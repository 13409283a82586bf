import { createHash } from 'node:crypto'
import { FileTree } from '../trees/file-tree.ts'
import type { DebPackage } from './packages.ts'
import { readTar } from '../trees/read-tar.ts'
import { run } from '../run.ts'

/** Control files that dpkg keeps beside the list of a package's files. */
const KEPT = /^(conffiles|md5sums|preinst|postinst|prerm|postrm|triggers|shlibs|symbols|templates|config)$/

/**
 * Writes dpkg's database (/var/lib/dpkg) as an installation of these packages would have left it, so that `dpkg -l`
 * and `apt` in a container see what is there.
 */
export async function writeDpkgDatabase(
  tree: FileTree,
  packages: DebPackage[],
  debs: Map<string, string>,
  lists: Map<string, string[]>,
): Promise<void> {
  const stanzas: string[] = []
  for (const { name } of packages) {
    const files = new FileTree(tree.mtime)
    readTar(await run('dpkg-deb', ['--ctrl-tarfile', debs.get(name)!]), files)
    const control = files.text('control')
    const base = `var/lib/dpkg/info/${infoName(name, control)}`
    for (const [path, node] of files.entries()) {
      if (KEPT.test(path) && node.type === 'file')
        tree.file(`${base}.${path}`, node.data, { mode: node.mode & 0o777 })
    }
    tree.file(
      `${base}.list`,
      `${[
        '/.',
        ...lists
          .get(name)!
          .filter(Boolean)
          .map((path) => `/${path}`),
      ].join('\n')}\n`,
    )
    stanzas.push(installed(control, tree, `${base}.conffiles`))
  }
  tree.file('var/lib/dpkg/status', tree.has('var/lib/dpkg/status') ? merge(tree, stanzas) : sorted(stanzas))
  // In format 1 a package that can be installed for several architectures has its architecture in its files' names.
  tree.file('var/lib/dpkg/info/format', '1\n')
  for (const name of ['available', 'diversions', 'statoverride']) {
    if (!tree.has(`var/lib/dpkg/${name}`)) tree.file(`var/lib/dpkg/${name}`, '')
  }
  for (const name of ['updates', 'triggers', 'parts']) tree.directory(`var/lib/dpkg/${name}`)
}

/** A package that can be installed for several architectures has its own in the names of its files. */
function infoName(name: string, control: string): string {
  return /^Multi-Arch: same$/m.test(control) ? `${name}:i386` : name
}

/** The control file as dpkg keeps it in `status`. */
function installed(control: string, tree: FileTree, conffiles: string): string {
  const [first, ...rest] = control.trimEnd().split('\n')
  const status = [first, 'Status: install ok installed', ...rest]
  const files = tree.has(conffiles)
    ? tree
        .text(conffiles)
        .split('\n')
        .filter((path) => path.startsWith('/'))
    : []
  if (files.length > 0)
    status.push('Conffiles:', ...files.map((path) => ` ${path} ${md5Of(tree, path.slice(1))}`))
  return status.join('\n')
}

/** dpkg compares a configuration file with this to see whether it was edited. */
function md5Of(tree: FileTree, path: string): string {
  const node = tree.follow(path)
  return node?.type === 'file' ? createHash('md5').update(node.data).digest('hex') : 'newconffile'
}

function merge(tree: FileTree, stanzas: string[]): string {
  return sorted([...tree.text('var/lib/dpkg/status').trimEnd().split(/\n\n+/), ...stanzas])
}

function sorted(stanzas: string[]): string {
  return `${[...stanzas].sort().join('\n\n')}\n`
}
