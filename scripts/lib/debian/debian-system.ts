import type { FileTree } from '../trees/file-tree.ts'

/**
 * Makes what maintainer scripts would have made, on a tree of freshly unpacked packages. Each function names the
 * package whose script it stands for; none needs that package to be in the tree unless it says so.
 */

/** base-files and base-passwd: accounts, links and modes of the standard folders. */
export function configureBase(tree: FileTree): void {
  const accounts = tree.text('usr/share/base-passwd/passwd.master')
  tree.file('etc/passwd', accounts.replace(/^([^:\n]+):\*:/gm, '$1:x:'))
  tree.file('etc/group', tree.text('usr/share/base-passwd/group.master').replace(/^([^:\n]+):\*:/gm, '$1:x:'))
  const shadow = accounts.replace(/^([^:\n]+):.*$/gm, '$1:*:20089:0:99999:7:::')
  tree.file('etc/shadow', shadow, { mode: 0o640, gid: SHADOW_GROUP })
  for (const name of ['profile', 'motd']) tree.file(`etc/${name}`, tree.text(`usr/share/base-files/${name}`))
  tree.file('root/.bashrc', tree.text('usr/share/base-files/dot.bashrc'))
  tree.file('root/.profile', tree.text('usr/share/base-files/dot.profile'))
  tree.directory('root', { mode: 0o700 })
  tree.directory('tmp', { mode: 0o1777 })
  tree.directory('var/tmp', { mode: 0o1777 })
  for (const path of ['run', 'proc', 'sys', 'dev', 'mnt', 'media', 'opt', 'srv', 'home']) tree.directory(path)
  for (const [path, target] of [
    ['var/run', '/run'],
    ['var/lock', '/run/lock'],
    ['etc/mtab', '/proc/self/mounts'],
  ] as const) {
    tree.remove(path)
    tree.symlink(path, target)
  }
}

const SHADOW_GROUP = 42

/** libc-bin's nsswitch.conf and tzdata's local time. */
export function configureLibc(tree: FileTree): void {
  if (tree.has('usr/share/libc-bin/nsswitch.conf')) {
    tree.file('etc/nsswitch.conf', tree.text('usr/share/libc-bin/nsswitch.conf'))
  }
  if (tree.has('usr/share/zoneinfo/Etc/UTC')) {
    tree.symlink('etc/localtime', '/usr/share/zoneinfo/Etc/UTC')
    tree.file('etc/timezone', 'Etc/UTC\n')
  }
}

/** update-alternatives: a name reached through /etc/alternatives. */
export function alternative(tree: FileTree, link: string, target: string): void {
  const name = link.slice(link.lastIndexOf('/') + 1)
  if (tree.has(link) || tree.follow(target) === undefined) return
  tree.symlink(link, `/etc/alternatives/${name}`)
  tree.symlink(`etc/alternatives/${name}`, `/${target}`)
}

/** ca-certificates: one bundle of all certificates of the package. */
export function bundleCertificates(tree: FileTree): void {
  const folder = 'usr/share/ca-certificates/mozilla/'
  const bundle = tree
    .entries()
    .flatMap(([path, node]) =>
      path.startsWith(folder) && node.type === 'file' ? [node.data.toString().trimEnd()] : [],
    )
  tree.file('etc/ssl/certs/ca-certificates.crt', `${bundle.join('\n')}\n`)
  // OpenSSL looks here when it is given neither file nor folder.
  tree.symlink('usr/lib/ssl/cert.pem', '/etc/ssl/certs/ca-certificates.crt')
  tree.remove('usr/share/ca-certificates')
}
