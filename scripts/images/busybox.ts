import { busyboxApplets } from '../lib/busybox.ts'
import { FileTree } from '../lib/trees/file-tree.ts'
import type { Layer } from '../lib/trees/oci-layout.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import { type ImageContext, PATH, install, versions } from './context.ts'

export const PACKAGES = ['busybox-static']

const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`

const GROUP = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
mail:x:8:
utmp:x:43:
users:x:100:
www-data:x:33:
operator:x:37:
nobody:x:65534:
`

/** One program under all its names, as hard links: Docker's busybox image is laid out so. */
export async function buildBusybox({ layout, plans, records }: ImageContext): Promise<void> {
  const packages = plans.get('busybox')!
  const image = await install(undefined, packages)
  records.set('busybox', image.records)
  const unpacked = image.tree
  const program = unpacked.follow('usr/bin/busybox')!
  const tree = new FileTree(unpacked.mtime)
  for (const path of [
    'bin',
    'dev',
    'etc',
    'home',
    'root',
    'usr/bin',
    'usr/sbin',
    'var/spool/mail',
    'var/www',
  ]) {
    tree.directory(path)
  }
  for (const path of ['tmp', 'var/tmp']) tree.directory(path, { mode: 0o1777 })
  tree.directory('root', { mode: 0o700 })
  tree.set('bin/busybox', program)
  if (program.type === 'file')
    for (const name of busyboxApplets(program.data)) tree.set(`bin/${name}`, program)
  tree.symlink('usr/bin/env', '../../bin/env')
  tree.file('etc/passwd', PASSWD)
  tree.file('etc/group', GROUP)
  tree.file('etc/shadow', PASSWD.replace(/^([^:\n]+):.*$/gm, '$1:*:20089:0:99999:7:::'), { mode: 0o640 })
  tree.file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n')
  const layer: Layer = await layout.addLayer(
    diffTrees(new FileTree(0), tree),
    `ADD ${versions(packages, 'busybox-static')} of Debian in /`,
  )
  await layout.addImage({
    name: 'busybox',
    layers: [layer],
    created: tree.mtime,
    config: { Env: [PATH], Cmd: ['sh'] },
  })
}
