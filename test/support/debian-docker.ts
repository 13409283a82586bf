/** Debian's docker.io beside our engine in one guest: its daemon, its command line and its Compose, in a root of their own. */
import { execProcess } from '../../web/src/client/exec-process.ts'
import { benchSite } from '../../scripts/bench/site.ts'
import { openPeerRoot } from '../../scripts/bench/peer-root.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

/** MiB, the most that a guest has: images, layers and volumes of two engines are in its memory. There is no snapshot of this size. */
const MEMORY = 512

/** No firewall: the guest's kernel has only nftables, and Docker 26 wants iptables. Ports are published by docker-proxy. */
const DAEMON = 'dockerd --iptables=false --ip6tables=false --storage-driver overlay2'

export class DebianDocker {
  readonly machine: HeadlessMachine
  readonly #root: string
  readonly #daemon: string

  private constructor(machine: HeadlessMachine, root: string, daemon: string) {
    this.machine = machine
    this.#root = root
    this.#daemon = daemon
  }

  /** Boots a guest with both; its daemon has a network namespace of its own, as the bridges have one name. */
  static async start(): Promise<DebianDocker> {
    const machine = await HeadlessMachine.start({ files: await benchSite(), memory: MEMORY, cold: true })
    const root = await openPeerRoot(machine)
    const daemon = await machine.output(
      `unshare --net sh -c 'ip link set lo up && exec chroot ${root} ${DAEMON}' > ${root}/tmp/dockerd.log 2>&1 & echo $!`,
    )
    const docker = new DebianDocker(machine, root, daemon)
    await docker.run(
      `until docker version > /tmp/version 2>&1; do kill -0 ${daemon} || { cat /tmp/dockerd.log >&2; exit 1; }; done`,
    )
    return docker
  }

  /** Trimmed standard output of a shell's line in Debian's root, in the network namespace of its daemon. */
  run(line: string): Promise<string> {
    const quoted = line.replaceAll("'", `'\\''`)
    return this.machine.output(
      `exec nsenter --net=/proc/${this.#daemon}/ns/net chroot ${this.#root} bash -c '${quoted}'`,
    )
  }

  /** Unpacks a tar into a folder of Debian's root. */
  async unpack(archive: Blob, folder: string): Promise<void> {
    const input = (async function* () {
      for await (const chunk of archive.stream()) yield chunk
    })()
    const command = ['chroot', this.#root, 'tar', '-x', '-C', folder]
    const code = await execProcess(this.machine.transport, command, () => Promise.resolve(), { stdin: input })
    if (code !== 0) throw new Error(`tar ended with ${code}`)
  }

  /** A GET by bash alone: the body of the answer. */
  async page(port: number, path = '/'): Promise<string> {
    const request = `GET ${path} HTTP/1.0\\r\\n\\r\\n`
    const answer = await this.run(`exec 3<>/dev/tcp/127.0.0.1/${port}; printf "${request}" >&3; cat <&3`)
    return answer.slice(answer.indexOf('\r\n\r\n') + 4)
  }

  close(): Promise<void> {
    return this.machine.close()
  }
}
