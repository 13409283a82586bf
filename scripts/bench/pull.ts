/** Measures a pull of an image with one layer of 30 MB, which is the page's work and not the guest's. */
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { median, rounded } from './guest-times.ts'

const IMAGE = 'debian'
const CPU_TIME = `${GUEST_PATHS.cgroupRoot}/cpu.stat`

/** Medians of milliseconds, by the guest's clock. */
interface Times {
  wall: number
  /** CPU time of all processes in the guest's cgroups. */
  cpu: number
}

export interface PullFigures {
  /** A command without work, which only asks the engine for its version. */
  version: Times
  /** The pull when the page's store has the layer. */
  cached: Times
  /** The pull when the page first reads the layer from the site's files. */
  fromSite: Times
}

export async function measurePull(machine: HeadlessMachine, count: number): Promise<PullFigures> {
  const pull = `docker pull -q ${IMAGE}`
  const remove = `docker rmi ${IMAGE}`
  const version = await times(machine, { command: 'docker version', count })
  // A second name keeps the layer in the store while the first name is removed.
  await machine.output(`${pull} && docker tag ${IMAGE} bench-held`)
  const cached = await times(machine, { command: pull, before: remove, count })
  await machine.output('docker rmi bench-held')
  const fromSite = await times(machine, { command: pull, before: remove, count })
  return { version, cached, fromSite }
}

interface Series {
  command: string
  /** A command that runs before each run and is not timed. */
  before?: string
  count: number
}

/** The first of `count` + 1 runs is not counted, because it reads code for the first time. */
async function times(machine: HeadlessMachine, { command, before = ':', count }: Series): Promise<Times> {
  const loop = `set -e
    for ((i = 0; i <= ${count}; i++)); do
      ${before} >/dev/null
      read -r _ cpu <${CPU_TIME}; wall=\${EPOCHREALTIME/./}
      ${command} >/dev/null
      echo $((\${EPOCHREALTIME/./} - wall)) $(read -r _ end <${CPU_TIME}; echo $((end - cpu)))
    done`
  const runs = (await machine.output(`bash -c '${loop}'`)).split('\n').slice(1)
  const of = (column: 0 | 1) => rounded(median(runs.map((run) => Number(run.split(' ')[column]) / 1000)))
  return { wall: of(0), cpu: of(1) }
}
