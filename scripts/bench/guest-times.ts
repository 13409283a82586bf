/** Wall times of commands, taken inside the guest by bash's own clock, so that the channel is not part of them. */
import { EngineError } from '../../guest/protocol/errors.ts'
import type { HeadlessMachine } from '../lib/headless-machine.ts'

/** Milliseconds of each of `count` runs, one after another; a run that fails fails the bench. */
export async function timeInGuest(
  machine: HeadlessMachine,
  command: string,
  count: number,
): Promise<number[]> {
  const loop = `for ((i = 0; i < ${count}; i++)); do
    start=\${EPOCHREALTIME/./}
    ${command} >/tmp/bench.out 2>&1 || { cat /tmp/bench.out >&2; exit 1; }
    echo $((\${EPOCHREALTIME/./} - start))
  done`
  const { code, stdout, stderr } = await machine.exec(`exec bash -c '${loop}'`)
  if (code !== 0)
    throw new EngineError('internal', `bench: «${command}» failed in the guest: ${stderr.trim()}`)
  return stdout
    .trim()
    .split('\n')
    .map((microseconds) => Number(microseconds) / 1000)
}

/** The same for work that starts here, at the far end of the channel. */
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
