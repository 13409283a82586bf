/** A pull of an image of 30 MB in one layer: its work is the page's, not the guest's. */
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { median, rounded } from './guest-times.ts'

const IMAGE = 'debian'
const CPU_TIME = `${GUEST_PATHS.cgroupRoot}/cpu.stat`

/** Milliseconds in the guest, medians. */
interface Times {
  wall: number
  /** What all processes of the guest's cgroups ran. */
  cpu: number
}

export interface PullFigures {
  /** Does nothing but ask the engine for its version: what a command costs that has no work. */
  version: Times
  /** The layer is in the page's store. */
  cached: Times
  /** The page takes the layer from the files beside it first. */
  fromSite: Times
}

export async function measurePull(machine: HeadlessMachine, count: number): Promise<PullFigures> {
  const pull = `docker pull -q ${IMAGE}`
  const remove = `docker rmi ${IMAGE}`
  const version = await times(machine, { command: 'docker version', count })
  // A second name holds the layer while the first is gone.
  await machine.output(`${pull} && docker tag ${IMAGE} bench-held`)
  const cached = await times(machine, { command: pull, before: remove, count })
  await machine.output('docker rmi bench-held')
  const fromSite = await times(machine, { command: pull, before: remove, count })
  return { version, cached, fromSite }
}

interface Series {
  command: string
  /** Before each run, not timed. */
  before?: string
  count: number
}

/** One run more than asked for comes first: what code costs that is read for the first time is not the question. */
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
