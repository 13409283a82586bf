/** Builds the guest's Debian tree as an index and chunks, and prints the folder. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AptRoot } from './lib/debian/apt-root.ts'
import { busyboxApplets } from './lib/busybox.ts'
import { cached } from './lib/cache.ts'
import { type PackageRecord, unpackDebs } from './lib/debian/deb-tree.ts'
import { alternative, bundleCertificates, configureBase, configureLibc } from './lib/debian/debian-system.ts'
import type { FileTree } from './lib/trees/file-tree.ts'
import { isMain, main } from './lib/main.ts'
import { type DebPackage, download, resolve } from './lib/debian/packages.ts'
import { digestScript } from './lib/source-digest.ts'
import { storeTree } from './lib/trees/tree-store.ts'
import { trim } from './lib/trees/trim.ts'

/** Packages that the engine and a learner at the guest's shell use; busybox stands in for the rest of a system. */
const PACKAGES = [
  ...['nodejs', 'bash', 'busybox-static', 'base-files', 'base-passwd', 'netbase', 'libc-bin', 'tzdata'],
  ...[
    'util-linux',
    'mount',
    'procps',
    'psmisc',
    'iproute2',
    'nftables',
    'iputils-ping',
    'curl',
    'ca-certificates',
  ],
  ...['strace', 'less', 'jq', 'ncurses-base', 'nano', 'tree', 'file', 'htop', 'tcpdump', 'zstd'],
]

/** Dependencies that are needed for installing but not for running. */
const LEFT_OUT = new Set([
  ...['debconf', 'init-system-helpers', 'isa-support', 'sse2-support', 'openssl', 'openssl-provider-legacy'],
  ...[
    'libpam-modules',
    'libpam-modules-bin',
    'libpam-runtime',
    'libdb5.3t64',
    'node-corepack',
    'dpkg',
    'tar',
  ],
  ...['perl-base', 'coreutils', 'libsystemd-shared', 'login', 'mawk'],
])

export interface SystemTree {
  /** Holds index.json.gz, the chunks and packages.json. */
  dir: string
  packages: PackageRecord[]
}

export async function buildRootfs(): Promise<SystemTree> {
  const root = await AptRoot.open()
  const packages = await rootfsPackages()
  const sources = await digestScript('scripts/build-rootfs.ts')
  const inputs = { sources, packages: packages.map(({ name, sha256 }) => [name, sha256]) }
  const dir = await cached('rootfs', inputs, async (draft) => {
    const { tree, records } = await assemble(root, packages)
    await storeTree(tree, draft, loadRank)
    await writeFile(join(draft, 'packages.json'), JSON.stringify(records, null, 1))
  })
  const records = JSON.parse(await readFile(join(dir, 'packages.json'), 'utf8')) as PackageRecord[]
  return { dir, packages: records }
}

/** The packages of the tree. */
export async function rootfsPackages(): Promise<DebPackage[]> {
  return (await resolve(await AptRoot.open(), PACKAGES)).filter(({ name }) => !LEFT_OUT.has(name))
}

async function assemble(
  root: AptRoot,
  packages: DebPackage[],
): Promise<{ tree: FileTree; records: PackageRecord[] }> {
  const { tree, records } = await unpackDebs(packages, await download(root, packages))
  configureBase(tree)
  configureLibc(tree)
  bundleCertificates(tree)
  alternative(tree, 'usr/bin/pager', 'usr/bin/less')
  trim(tree)
  tree.removeWhere((path) =>
    /^usr\/share\/(base-passwd|base-files|libc-bin|polkit-1|debconf|perl5)$/.test(path),
  )
  linkApplets(tree)
  return { tree, records }
}

/** Gives each busybox applet its name in /usr/bin unless a package brought the real program. */
function linkApplets(tree: FileTree): void {
  const busybox = tree.follow('usr/bin/busybox')
  if (busybox?.type !== 'file') return
  for (const name of busyboxApplets(busybox.data)) {
    if (!tree.has(`usr/bin/${name}`) && !tree.has(`usr/sbin/${name}`))
      tree.symlink(`usr/bin/${name}`, 'busybox')
  }
}

/** The order in which a boot reads files: the loader, the engine's Node with its libraries, then the shell's files. */
const LOAD_ORDER = [
  /\/ld-linux\.so|\/libc\.so\.6$/,
  /^usr\/bin\/node(js)?$/,
  /\/libnode\.so/,
  /\/lib(z|uv|brotli\w+|cares|nghttp[23]|ngtcp\w+|crypto|ssl|stdc\+\+|m|gcc_s|dl|pthread|simdjson|ada|sqlite3|zstd)[.-].*so/,
  /^usr\/share\/nodejs\//,
  /^etc\//,
  /^usr\/bin\/(busybox|bash)$/,
  /\/lib(tinfo|mnl|cap|elf|bpf|selinux|pcre2-8|nftables|nftnl|jansson|edit|xtables)[.-].*so/,
  /^usr\/s?bin\//,
]

/** Files that most sessions never read go last: a learner's tools, and tables. */
const SELDOM =
  /\/libicudata|zoneinfo|gconv|terminfo|\/perl|magic|\/lib(pcap|nl-)|nanorc|\/(r?nano|tree|file|htop|tcpdump|\w*zstd\w*)$/

function loadRank(path: string): number {
  if (SELDOM.test(path)) return LOAD_ORDER.length + 1
  const rank = LOAD_ORDER.findIndex((pattern) => pattern.test(path))
  return rank >= 0 ? rank : LOAD_ORDER.length
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log((await buildRootfs()).dir)
  })
}
