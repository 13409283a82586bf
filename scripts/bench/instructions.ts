/**
 * Counts what commands cost in instructions of the guest's processor. Unlike seconds they repeat to some 3 %, whatever else
 * this machine does.
 */
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { COUNTED, type Counted, type CountedName } from './costs.ts'
import { median, rounded } from './guest-times.ts'

export interface Cost {
  /** Millions of instructions of one run, beyond those of `/bin/true` in the same loop. */
  millions: number
  /** The engine's share of the guest's CPU time, 0 to 1. */
  engine: number
}

/** Less than 2^32 instructions, where v86's counter begins again. */
const RUNS = 10
/**
 * What the engine does when it is idle, such as filling its pool of namespaces, falls into one batch of runs and not into
 * all: the median has none of it.
 */
const BATCHES = 3
const MODULUS = 2 ** 32

/** @param work must execute fewer than 2^32 instructions */
export async function countInstructions(
  machine: HeadlessMachine,
  work: () => Promise<unknown>,
): Promise<number> {
  const before = machine.guest.machine.instructions
  await work()
  return (machine.guest.machine.instructions - before + MODULUS) % MODULUS
}

/** A command runs in a loop of the guest's shell; one that fails fails the measurement. */
export class InstructionMeter {
  readonly #machine: HeadlessMachine
  readonly #floor: number

  private constructor(machine: HeadlessMachine, floor: number) {
    this.#machine = machine
    this.#floor = floor
  }

  static async open(machine: HeadlessMachine): Promise<InstructionMeter> {
    const floor = await countInstructions(machine, () => machine.output(loop('/bin/true', RUNS)))
    return new InstructionMeter(machine, floor / RUNS)
  }

  /**
   * @param command runs once before it is counted
   * @param runs of each batch
   */
  async cost(command: string, runs = RUNS): Promise<Cost> {
    const machine = this.#machine
    await machine.output(loop(command, 1))
    const before = await cpuTimes(machine)
    const totals: number[] = []
    for (let batch = 0; batch < BATCHES; batch++)
      totals.push(await countInstructions(machine, () => machine.output(loop(command, runs))))
    const after = await cpuTimes(machine)
    return {
      millions: (median(totals) / runs - this.#floor) / 1e6,
      engine: (after.engine - before.engine) / (after.whole - before.whole),
    }
  }
}

const loop = (command: string, runs: number): string =>
  `set -e; i=0; while [ $i -lt ${runs} ]; do i=$((i + 1)); ${command} </dev/null >/dev/null; done`

/** Microseconds of CPU time so far: https://www.kernel.org/doc/html/latest/admin-guide/cgroup-v2.html, cpu.stat. */
async function cpuTimes(machine: HeadlessMachine): Promise<{ whole: number; engine: number }> {
  const root = GUEST_PATHS.cgroupRoot
  const text = await machine.output(`sed -n 's/^usage_usec //p' ${root}/cpu.stat ${root}/engine/cpu.stat`)
  const [whole, engine] = text.split('\n').map(Number)
  return { whole: whole!, engine: engine! }
}

/** The costs of all that COUNTED names; the machine has the image busybox and keeps its state. */
export async function countCommands(machine: HeadlessMachine): Promise<Record<CountedName, Cost>> {
  const meter = await InstructionMeter.open(machine)
  const costs: [string, Cost][] = []
  for (const [name, counted] of Object.entries<Counted>(COUNTED)) {
    const { command, before = ':', after = ':', runs } = counted
    await machine.output(before)
    const { millions, engine } = await meter.cost(command, runs)
    await machine.output(after)
    costs.push([name, { millions: rounded(millions), engine: rounded(engine) }])
  }
  return Object.fromEntries(costs) as Record<CountedName, Cost>
}
