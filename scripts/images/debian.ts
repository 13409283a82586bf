import type { OciExecutionConfig } from '../../guest/protocol/api/content.ts'
import { alternative, configureBase, configureLibc } from '../lib/debian/debian-system.ts'
import { FileTree } from '../lib/trees/file-tree.ts'
import type { Layer } from '../lib/trees/oci-layout.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import { type ImageContext, type ImageTree, PATH, install, versions, versionTags } from './context.ts'

/** Debian's required packages, apt, and what `debian:slim` has beyond them: together they make a Debian. */
export const PACKAGES = [
  ...['apt', 'base-files', 'base-passwd', 'bash', 'bsdutils', 'coreutils', 'dash', 'debconf', 'debianutils'],
  ...[
    'debian-archive-keyring',
    'diffutils',
    'dpkg',
    'findutils',
    'grep',
    'gzip',
    'hostname',
    'init-system-helpers',
  ],
  ...[
    'libc-bin',
    'libpam-modules',
    'libpam-modules-bin',
    'libpam-runtime',
    'login',
    'login.defs',
    'mawk',
    'mount',
  ],
  ...[
    'ncurses-base',
    'ncurses-bin',
    'passwd',
    'perl-base',
    'sed',
    'sysvinit-utils',
    'tar',
    'tzdata',
    'util-linux',
  ],
]

export const DEBIAN_CONFIG: OciExecutionConfig = { Env: [PATH], Cmd: ['bash'] }

export interface DebianBase {
  image: ImageTree
  layer: Layer
}

export async function buildDebian({ layout, plans, records }: ImageContext): Promise<DebianBase> {
  const packages = plans.get('debian')!
  const image = await install(undefined, packages)
  records.set('debian', image.records)
  configure(image.tree)
  const what = versions(packages, 'base-files', 'apt', 'libc6')
  const layer = await layout.addLayer(
    diffTrees(new FileTree(0), image.tree),
    `ADD ${packages.length} packages of Debian trixie in / # ${what} …`,
  )
  await layout.addImage({
    name: 'debian',
    tags: debianTags(image.tree.text('etc/debian_version').trim()),
    layers: [layer],
    created: image.tree.mtime,
    config: DEBIAN_CONFIG,
  })
  return { image, layer }
}

/** The image is as small as the official one is that is called slim, so that it has those names too. @param point e.g. `13.2` */
export function debianTags(point: string): string[] {
  const names = ['trixie', ...versionTags(point)]
  return names.flatMap((name) => [name, `${name}-slim`])
}

function configure(tree: FileTree): void {
  configureBase(tree)
  configureLibc(tree)
  addAccount(tree, { name: '_apt', id: 42, group: 65534, home: '/nonexistent' })
  for (const [link, target] of [
    ['usr/bin/awk', 'usr/bin/mawk'],
    ['usr/bin/pager', 'usr/bin/more'],
    ['usr/bin/which', 'usr/bin/which.debianutils'],
  ] as const) {
    alternative(tree, link, target)
  }
  for (const [name, text] of Object.entries(PAM)) tree.file(`etc/pam.d/common-${name}`, text)
  tree.file(
    'etc/shells',
    '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n',
  )
  tree.file('etc/environment', '')
  tree.file('etc/apt/sources.list.d/debian.sources', APT_SOURCES)
  for (const [path, text] of Object.entries(INSTALLING)) tree.file(path, text)
  // invoke-rc.d asks this program: installing a package in a container must start nothing.
  tree.file('usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', { mode: 0o755 })
}

export interface Account {
  name: string
  id: number
  /** The id of its group; when it is the account's own id, a group of the account's name is made. */
  group: number
  home: string
  /** Full name or purpose. */
  comment?: string
  /** The program that a login starts; by default none may log in. */
  shell?: string
}

/** Adds a system account, as a package's postinst would. */
export function addAccount(tree: FileTree, account: Account): void {
  const { name, id, group, home, comment = '', shell = '/usr/sbin/nologin' } = account
  append(tree, 'etc/passwd', `${name}:x:${id}:${group}:${comment}:${home}:${shell}\n`)
  append(tree, 'etc/shadow', `${name}:!:20089::::::\n`)
  if (group === id) append(tree, 'etc/group', `${name}:x:${id}:\n`)
}

function append(tree: FileTree, path: string, line: string): void {
  const node = tree.follow(path)
  const text = node === undefined ? '' : tree.text(path)
  tree.file(path, text + line, node === undefined ? {} : { mode: node.mode, gid: node.gid })
}

const APT_SOURCES = `Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: trixie-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

/**
 * Makes installing packages fast and leaves little behind in a layer, as Docker's Debian images do (debuerreotype's
 * minimizing configuration). What was left out of the image stays out of what is installed in its containers.
 */
const CLEAN =
  '"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true";'
const INSTALLING = {
  'etc/apt/apt.conf.d/docker-autoremove-suggests': 'Apt::AutoRemove::SuggestsImportant "false";\n',
  'etc/apt/apt.conf.d/docker-clean': `DPkg::Post-Invoke { ${CLEAN} };
APT::Update::Post-Invoke { ${CLEAN} };

Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
`,
  'etc/apt/apt.conf.d/docker-gzip-indexes': 'Acquire::GzipIndexes "true";\n',
  'etc/apt/apt.conf.d/docker-no-languages': 'Acquire::Languages "none";\n',
  'etc/dpkg/dpkg.cfg.d/docker-apt-speedup': 'force-unsafe-io\n',
  'etc/dpkg/dpkg.cfg.d/docker': `path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
`,
}

/** What pam-auth-update writes when only pam_unix is there. */
const PAM = {
  auth: 'auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\nauth\trequired\tpam_permit.so\n',
  account:
    'account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so\naccount\trequisite\tpam_deny.so\naccount\trequired\tpam_permit.so\n',
  password:
    'password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\npassword\trequisite\tpam_deny.so\npassword\trequired\tpam_permit.so\n',
  session:
    'session\t[default=1]\tpam_permit.so\nsession\trequisite\tpam_deny.so\nsession\trequired\tpam_permit.so\nsession\trequired\tpam_unix.so\n',
  'session-noninteractive':
    'session\t[default=1]\tpam_permit.so\nsession\trequisite\tpam_deny.so\nsession\trequired\tpam_permit.so\nsession\trequired\tpam_unix.so\n',
}
