/**
 * Measures the channel: a command's output streamed up, its input streamed down, and a round trip through the engine.
 */
import { execProcess } from '../../web/src/client/exec-process.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { timeHere } from './guest-times.ts'

const MIB = 1 << 20
const UP = 16
const DOWN = 4

export interface ChannelFigures {
  /** Megabytes (10⁶) a second. */
  upMBs: number
  downMBs: number
  pingMs: number[]
}

export async function measureChannel(machine: HeadlessMachine): Promise<ChannelFigures> {
  const ping = async () => {
    const { body } = await machine.transport.request({ method: 'GET', path: '/_ping' })
    for await (const _ of body) continue
  }
  return {
    upMBs: rate(UP, await up(machine)),
    downMBs: rate(DOWN, await down(machine)),
    pingMs: await timeHere(30, ping),
  }
}

async function up(machine: HeadlessMachine): Promise<number> {
  const start = performance.now()
  await execProcess(machine.transport, ['head', '-c', String(UP * MIB), '/dev/zero'], () => Promise.resolve())
  return performance.now() - start
}

async function down(machine: HeadlessMachine): Promise<number> {
  const pieces = (async function* () {
    for (let left = DOWN * MIB; left > 0; left -= 1 << 16) yield new Uint8Array(1 << 16)
  })()
  const start = performance.now()
  await execProcess(machine.transport, ['wc', '-c'], () => Promise.resolve(), { stdin: pieces })
  return performance.now() - start
}

const rate = (mebibytes: number, milliseconds: number): number => (mebibytes * MIB) / 1000 / milliseconds
