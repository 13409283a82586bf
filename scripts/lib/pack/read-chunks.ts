/** Finds out which chunks of the system trees a session reads, so that a file for a stick need not have the others. */
import { HeadlessMachine } from '../machine/headless-machine.ts'
import { restartEngine } from '../machine/restart-engine.ts'
import { warmEngine } from '../machine/warm-engine.ts'
import { siteFolder } from '../site-folder.ts'

/** What people do in a guest beside the first commands: its own programs, a build, compose, and a new engine. */
const SESSION = [
  'for p in ls ps ip ss mount umount unshare nsenter chroot lsns tc nft strace htop nano less vi curl sysctl findmnt; do ' +
    '$p --version; $p --help; done >/dev/null 2>&1 </dev/null; true',
  `printf 'FROM busybox\\nRUN echo a > /f\\nCOPY . /c\\n' > /tmp/Dockerfile && docker build -q -t b -f /tmp/Dockerfile /etc/init.d; true`,
  'docker network create n && docker volume create v && docker run --rm --network n -v v:/v --memory 16m busybox true; true',
]

/** Paths in the site of the chunks that a session reads. */
export async function readChunks(site: string): Promise<string[]> {
  const machine = await HeadlessMachine.start({ files: siteFolder(site) })
  try {
    await warmEngine(machine)
    for (const command of SESSION) await machine.output(command)
    // One that dies is started again, and reads its program from the beginning.
    await restartEngine(machine)
    await warmEngine(machine)
    const { trees } = machine.guest
    return Array.from(trees, ([name, tree]) =>
      tree.touched().map((chunk) => `guest/system/${name}/${chunk}`),
    ).flat()
  } finally {
    await machine.close()
  }
}
