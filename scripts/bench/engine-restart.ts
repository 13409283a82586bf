/**
 * How long the guest is without an engine when the engine was killed: from the kill to the next engine's first answer. Run by
 * `node scripts/bootstrap.mjs scripts/bench/engine-restart.ts`.
 */
import { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { restartEngine } from '../lib/machine/restart-engine.ts'
import { isMain, main } from '../lib/main.ts'
import { countInstructions } from './instructions.ts'

export interface Outage {
  /** Millions of instructions, of whatever ran meanwhile. */
  millions: number
  milliseconds: number
}

export async function measureOutage(machine: HeadlessMachine): Promise<Outage> {
  const begin = performance.now()
  const instructions = await countInstructions(machine, () => restartEngine(machine))
  return { millions: instructions / 1e6, milliseconds: performance.now() - begin }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const machine = await HeadlessMachine.start()
    const print = async (what: string) => {
      for (let run = 0; run < 4; run++) {
        const { millions, milliseconds } = await measureOutage(machine)
        const ready = await machine.output('grep "ready after" /var/log/porthole/engine.log | tail -1')
        console.log(`${what}: ${millions.toFixed(0)} M instructions, ${milliseconds.toFixed(0)} ms; ${ready}`)
      }
    }
    await machine.output('docker pull -q busybox')
    await print('idle')
    await machine.output('for i in 1 2 3 4 5; do docker run -d busybox sleep 1000000; done')
    await print('five asleep')
    await machine.output(`for i in 1 2 3; do docker run -d busybox sh -c 'while :; do :; done'; done`)
    await print('three busy')
    await machine.close()
  })
}
