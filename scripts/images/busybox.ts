import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../guest/protocol/errors.ts'
import { busyboxApplets } from '../lib/busybox.ts'
import { FileTree } from '../lib/trees/file-tree.ts'
import { sourceRecords } from '../lib/debian/source-record.ts'
import { sysrootPackages } from '../lib/debian/sysroot.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import { type ImageContext, PATH, install, versionTags } from './context.ts'

/** The package from which the image takes its local time. */
export const PACKAGES = ['tzdata']

/** The official image takes its accounts from buildroot's skeleton; these are the same. */
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
lp:x:7:
mail:x:8:
kmem:x:9:
wheel:x:10:root
cdrom:x:11:
dialout:x:18:
floppy:x:19:
video:x:28:
audio:x:29:
tape:x:32:
www-data:x:33:
operator:x:37:
utmp:x:43:
plugdev:x:46:
staff:x:50:
lock:x:54:
netdev:x:82:
users:x:100:
nobody:x:65534:
`

export async function buildBusybox({ layout, plans, busybox, records }: ImageContext): Promise<void> {
  const { tree: timezones, records: timezoneRecords } = await install(undefined, plans.get('busybox')!)
  records.set('busybox', [
    busybox.record,
    ...timezoneRecords,
    ...(await sourceRecords(await sysrootPackages())),
  ])
  const utc = timezones.follow('usr/share/zoneinfo/Etc/UTC')
  if (utc?.type !== 'file') throw new EngineError('corrupt', 'the package tzdata has no Etc/UTC')
  const tree = busyboxRoot({
    program: await readFile(join(busybox.dir, 'busybox')),
    getconf: await readFile(join(busybox.dir, 'getconf')),
    utc: utc.data,
    time: busybox.released,
  })
  const layer = await layout.addLayer(
    diffTrees(new FileTree(0), tree),
    `BusyBox ${busybox.version} (musl), Debian ${busybox.record.version}`,
  )
  await layout.addImage({
    name: 'busybox',
    tags: versionTags(busybox.version),
    layers: [layer],
    created: tree.mtime,
    config: { Env: [PATH], Cmd: ['sh'] },
  })
}

export interface BusyboxParts {
  program: Buffer
  getconf: Buffer
  /** The content of the time zone's file. */
  utc: Buffer
  /** The time of every file, seconds since the epoch. */
  time: number
}

/**
 * Makes the official image's root: one program under all its names, as hard links, and the files of buildroot's
 * skeleton.
 */
export function busyboxRoot({ program, getconf, utc, time }: BusyboxParts): FileTree {
  const tree = new FileTree(time)
  for (const path of ['bin', 'dev', 'etc']) tree.directory(path)
  for (const event of ['if-up', 'if-pre-up', 'if-down', 'if-post-down'])
    tree.directory(`etc/network/${event}.d`)
  tree.directory('tmp', { mode: 0o1777 })
  tree.directory('root', { mode: 0o700 })
  tree.directory('var/www')
  tree.file('bin/busybox', program, { mode: 0o755 })
  for (const name of busyboxApplets(program)) tree.set(`bin/${name}`, tree.get('bin/busybox')!)
  tree.file('bin/getconf', getconf, { mode: 0o755 })
  tree.symlink('usr/bin/env', '../../bin/env')
  tree.file('etc/passwd', PASSWD)
  tree.file('etc/group', GROUP)
  tree.file('etc/shadow', PASSWD.replace(/^([^:\n]+):.*$/gm, '$1:*:::::::'), { mode: 0o600 })
  tree.file('etc/localtime', utc)
  addHomes(tree)
  return tree
}

/** Makes the homes that are missing; each belongs to its account. */
function addHomes(tree: FileTree): void {
  for (const line of PASSWD.trimEnd().split('\n')) {
    const [, , uid, gid, , home] = line.split(':')
    const path = home!.slice(1)
    if (!tree.has(path)) tree.directory(path, { uid: Number(uid), gid: Number(gid) })
  }
}
