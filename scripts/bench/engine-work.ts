/** What the engine's other work costs: a pull, which is the page's, and builds, execs, lists and logs, which are its own. */
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import type { HeadlessMachine } from '../lib/headless-machine.ts'
import { sh } from './guest-shell.ts'
import { median, rounded, timeHere, timeInGuest } from './guest-times.ts'

/** 30 MB in one layer. */
const IMAGE = 'debian'
const BUILD = '/tmp/bench-build'

export interface WorkFigures {
  /**
   * Of an image whose layers the page has: from here, and what the guest's processes ran for it, beside what they ran for
   * a command that asks for the version alone.
   */
  pull: { wall: number; guestCpu: number; versionGuestCpu: number }
  build: number
  exec: number
  ps: number
  logs: number
}

export async function measureWork(machine: HeadlessMachine, count: number): Promise<WorkFigures> {
  const pull = await measurePull(machine)
  await sh(machine, 'docker run -d --name bench busybox sh -c "seq 100; exec sleep 100000"')
  const dockerfile = 'FROM busybox\\nCOPY file /file\\nRUN cp /file /copy\\n'
  await sh(
    machine,
    `mkdir -p ${BUILD} && printf "${dockerfile}" > ${BUILD}/Dockerfile && echo text > ${BUILD}/file`,
  )
  const time = async (command: string, runs = count) =>
    rounded(median(await timeInGuest(machine, command, runs)))
  const figures = {
    pull,
    build: await time(`docker build --no-cache -q ${BUILD}`, Math.min(count, 5)),
    exec: await time('docker exec bench true'),
    ps: await time('docker ps'),
    logs: await time('docker logs bench'),
  }
  await sh(machine, 'docker rm -f bench && docker image prune -f')
  return figures
}

async function measurePull(machine: HeadlessMachine): Promise<WorkFigures['pull']> {
  const pull = () => sh(machine, `docker pull -q ${IMAGE}`)
  await pull()
  await sh(machine, `docker rmi ${IMAGE}`)
  const version = await cpuOf(machine, () => sh(machine, 'docker version'))
  let wall = 0
  const guestCpu = await cpuOf(machine, async () => {
    wall = (await timeHere(1, pull))[0]!
  })
  return { wall: rounded(wall), guestCpu: rounded(guestCpu), versionGuestCpu: rounded(version) }
}

/** Milliseconds that the engine's processes and all others of the guest's cgroups ran during `work`. */
async function cpuOf(machine: HeadlessMachine, work: () => Promise<unknown>): Promise<number> {
  const used = async () =>
    Number(/usage_usec (\d+)/.exec(await sh(machine, `cat ${GUEST_PATHS.cgroupRoot}/cpu.stat`))![1])
  const before = await used()
  await work()
  return ((await used()) - before) / 1000
}
