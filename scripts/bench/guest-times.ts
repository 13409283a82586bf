/** Measures wall times of commands with the clock of the guest's bash, so that they do not include the channel. */
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'

/**
 * Milliseconds of each of `count` runs, one after another; a run that fails fails the bench.
 * @param command may hold no single quotes
 * @param root the directory to run the commands in
 */
export async function timeInGuest(
  machine: HeadlessMachine,
  command: string,
  count: number,
  root = '/',
): Promise<number[]> {
  const loop = `for ((i = 0; i < ${count}; i++)); do
    start=\${EPOCHREALTIME/./}
    ${command} >/tmp/bench.out 2>&1 || { cat /tmp/bench.out >&2; exit 1; }
    echo $((\${EPOCHREALTIME/./} - start))
  done`
  const times = await machine.output(`exec chroot ${root} bash -c '${loop}'`)
  return times.split('\n').map((microseconds) => Number(microseconds) / 1000)
}

/** Measures in the same way work that starts here, at the far end of the channel. */
export async function timeHere(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

export const rounded = (value: number): number => Math.round(value * 100) / 100
