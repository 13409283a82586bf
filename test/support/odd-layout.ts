/**
 * An OCI layout made by umoci with what images rarely have: whiteouts, an opaque directory, hard links across
 * directories and to a symbolic link, device nodes, fifos, set-uid files, binary attributes, long and odd names.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Each becomes one layer, by a shell in the unpacked root file system. */
const LAYERS = [
  `mkdir -p etc usr/bin var/cache/deep/er opt/app gone/dir swap tmp dev srv/private
   chmod 1777 tmp; chmod 710 srv/private; chown 7:8 srv/private; chmod 2755 opt/app
   echo one > etc/one; echo removed > etc/removed; echo below > opt/app/below; echo x > gone/dir/x
   echo set-uid > usr/bin/su; chown 12:34 usr/bin/su; chmod 4755 usr/bin/su
   ln etc/one var/cache/deep/one-too; ln -s ../etc/one usr/link; ln usr/link var/link-too
   ln -s /nowhere/at/all dangling; mknod dev/null c 1 3; mknod dev/wide b 259 70000; mkfifo dev/pipe
   setfattr -n user.note -v 0x00ff80 etc/one; setfattr -n user.dir -v yes opt/app
   setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 usr/bin/su
   touch "$(printf 'n%.0s' $(seq 200))"; touch 'ünï cödé ☃' 'a b\tc'; head -c 3000000 /dev/urandom > big
   mkdir -p d1/"$(printf 'd%.0s' $(seq 120))"/"$(printf 'e%.0s' $(seq 120))"; : > empty
   touch -d '1999-12-31 23:59:58 UTC' etc/one; touch -d '2037-01-02 03:04:05 UTC' big`,
  `rm etc/removed; rm -r gone swap; echo file > swap; mkdir -p gone2; echo two >> etc/one
   rm opt/app/below; ln usr/bin/su usr/bin/su-too; rm dangling; mkdir dangling; echo now-a-directory > dangling/x`,
  `rm swap; mkdir swap; echo again > swap/x; rm -r dangling; chmod 700 opt/app; chown 5:6 var/cache; mkdir gone; echo back > gone/back`,
] as const

/** @returns a folder with an OCI image layout whose one image is tagged `odd` */
export async function makeOddLayout(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-odd-'))
  const layout = join(folder, 'layout')
  const image = `${layout}:odd`
  await run('umoci', ['init', '--layout', layout])
  await run('umoci', ['new', '--image', image])
  await run('umoci', ['config', '--image', image, '--architecture', '386', '--os', 'linux'])
  for (const [index, script] of LAYERS.entries()) {
    const bundle = join(folder, `bundle-${index}`)
    await run('umoci', ['unpack', '--image', image, bundle])
    await run('sh', ['-ec', script], { cwd: join(bundle, 'rootfs') })
    await run('umoci', ['repack', '--image', image, bundle])
  }
  const cover = join(folder, 'cover')
  await mkdir(cover)
  await writeFile(join(cover, 'only'), 'the layer below is hidden')
  await run('umoci', ['insert', '--image', image, '--opaque', cover, '/var/cache'])
  // Names no directory above it: those below must keep their owner and mode.
  await run('umoci', ['insert', '--image', image, cover, '/srv/private/inserted'])
  await run('umoci', ['insert', '--image', image, '--whiteout', '/etc/one'])
  return layout
}
