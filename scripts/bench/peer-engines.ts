/** Measures Debian's docker.io and podman with the work that our engine is measured with. */
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { measureCommands, type CommandTimes } from './engine-work.ts'

export interface EngineTimes {
  dockerIo: CommandTimes
  podman: CommandTimes
}

const ARCHIVE = '/tmp/busybox.tar'

/** The daemon runs without a firewall: the guest's kernel has only nftables, and Docker 26 wants iptables. */
const DOCKERD = 'dockerd --iptables=false --ip6tables=false --storage-driver overlay2'

/** @param root see peer-root.ts */
export async function measurePeerEngines(
  machine: HeadlessMachine,
  root: string,
  runs: number,
): Promise<EngineTimes> {
  const inRoot = (line: string) => machine.output(`exec chroot ${root} bash -c '${line}'`)
  await machine.output(`docker save -o ${root}${ARCHIVE} busybox`)
  // The daemon has a network namespace of its own, because our engine's bridge has the same name as its.
  const daemon = await machine.output(
    `unshare --net chroot ${root} ${DOCKERD} > ${root}/tmp/dockerd.log 2>&1 & echo $!`,
  )
  await inRoot(`until docker version; do kill -0 ${daemon} || { cat /tmp/dockerd.log >&2; exit 1; }; done`)
  await inRoot(`docker load -q -i ${ARCHIVE}`)
  const docker = { command: 'docker', root, network: true, runs }
  const dockerIo = await measureCommands(machine, docker)
  await inRoot(`kill ${daemon} && tail -f --pid=${daemon} /dev/null`)
  await inRoot(`podman load -q -i ${ARCHIVE}`)
  // Debian's netavark fails at this kernel's netlink messages ("Failed to parse message with type 16").
  const podman = await measureCommands(machine, { command: 'podman', root, network: false, runs })
  return { dockerIo, podman }
}
