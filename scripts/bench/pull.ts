/** A pull of an image whose layers the page has: its work is the page's, not the guest's. */
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import type { HeadlessMachine } from '../lib/headless-machine.ts'
import { rounded, timeHere } from './guest-times.ts'

/** 30 MB in one layer. */
const IMAGE = 'debian'

/** Milliseconds. */
export interface PullFigures {
  /** From here. */
  wall: number
  /** What the guest's processes ran for it, and for a command that asks for the version alone. */
  guestCpu: number
  versionGuestCpu: number
}

export async function measurePull(machine: HeadlessMachine): Promise<PullFigures> {
  const pull = () => machine.output(`docker pull -q ${IMAGE}`)
  // Each once before: what a command's code costs to be read for the first time is not the question.
  await machine.output('docker version')
  await pull()
  await machine.output(`docker rmi ${IMAGE}`)
  const version = await cpuOf(machine, () => machine.output('docker version'))
  let wall = 0
  const guestCpu = await cpuOf(machine, async () => {
    wall = (await timeHere(1, pull))[0]!
  })
  return { wall: rounded(wall), guestCpu: rounded(guestCpu), versionGuestCpu: rounded(version) }
}

/** Milliseconds that the engine's processes and all others of the guest's cgroups ran during `work`. */
async function cpuOf(machine: HeadlessMachine, work: () => Promise<unknown>): Promise<number> {
  const used = async () => {
    const stat = await machine.output(`cat ${GUEST_PATHS.cgroupRoot}/cpu.stat`)
    return Number(/usage_usec (\d+)/.exec(stat)![1])
  }
  const before = await used()
  await work()
  return ((await used()) - before) / 1000
}
