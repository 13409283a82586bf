/**
 * Counts what commands cost in instructions of the guest's processor. Unlike seconds they repeat to some 3 %, whatever else
 * this machine does.
 */
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { COUNTED, type Counted, type CountedName } from './costs.ts'
import { rounded } from './guest-times.ts'

export interface Cost {
  /** Millions of instructions of one run, beyond those of `/bin/true` in the same loop. */
  millions: number
  /** The engine's share of the guest's CPU time, 0 to 1. */
  engine: number
}

/** Less than 2^32 instructions, where v86's counter begins again. */
const RUNS = 5
/**
 * Other work only ever adds to a batch: the idle engine fills its pool, or the guest's clock ticks more often because the
 * host is busy. The cheapest of many batches has least of it.
 */
const BATCHES = 6
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
  /** Instructions of the loop itself and of its way into the guest. */
  #around = 0
  /** Instructions of `/bin/true`. */
  #floor = 0

  private constructor(machine: HeadlessMachine) {
    this.#machine = machine
  }

  static async open(machine: HeadlessMachine): Promise<InstructionMeter> {
    const meter = new InstructionMeter(machine)
    meter.#around = await meter.#least(':', 0)
    meter.#floor = await meter.#each('/bin/true', RUNS)
    return meter
  }

  /**
   * @param command runs once before it is counted
   * @param runs of each batch
   * @param enough millions: a batch that costs no more is the last, for those who want to know that alone
   */
  async cost(command: string, runs = RUNS, enough = 0): Promise<Cost> {
    const machine = this.#machine
    await machine.output(loop(command, 1))
    const before = await cpuTimes(machine)
    const millions = ((await this.#each(command, runs, enough * 1e6 + this.#floor)) - this.#floor) / 1e6
    const after = await cpuTimes(machine)
    return { millions, engine: (after.engine - before.engine) / (after.whole - before.whole) }
  }

  async #each(command: string, runs: number, enough = 0): Promise<number> {
    return ((await this.#least(command, runs, enough * runs + this.#around)) - this.#around) / runs
  }

  /** The instructions of the cheapest batch, or of the first that takes no more than are enough. */
  async #least(command: string, runs: number, enough = 0): Promise<number> {
    let least = Infinity
    for (let batch = 0; batch < BATCHES && least > enough; batch++) {
      const total = await countInstructions(this.#machine, () => this.#machine.output(loop(command, runs)))
      least = Math.min(least, total)
    }
    return least
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
    const { command, before = ':', after = ':', runs, megabytes = 1 } = counted
    await machine.output(before)
    const { millions, engine } = await meter.cost(command, runs)
    await machine.output(after)
    costs.push([name, { millions: rounded(millions / megabytes), engine: rounded(engine) }])
  }
  return Object.fromEntries(costs) as Record<CountedName, Cost>
}
