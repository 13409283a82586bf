// @vitest-environment ./test/support/client-environment.ts
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { httpOverStreams } from '../../../../test/support/http-over-streams.ts'
import { EngineClient } from '../../client/engine-client.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { UsageState } from './usage-state.svelte.ts'

/** An engine whose stats streams stay open until the client leaves; each step can be awaited. */
function engine() {
  const opened: { id: string; response: ServerResponse }[] = []
  const waiting: (() => void)[] = []
  const step = () => waiting.splice(0).forEach((wake) => wake())
  let closed = 0
  const { open } = httpOverStreams((request, response) => {
    response.on('close', () => {
      closed += 1
      step()
    })
    response.write(sample(opened.length + 1))
    opened.push({ id: request.url!.split('/')[2]!, response })
    step()
  })
  const usage = new UsageState(new EngineClient(new HttpTransport(open)))
  /** Resolves when `condition` holds, looking again at every step of the engine or change of the state. */
  const until = async (condition: () => boolean) => {
    while (!condition())
      await Promise.race([new Promise<void>((wake) => waiting.push(wake)), new Promise(setImmediate)])
  }
  return { usage, opened, closed: () => closed, until }
}

function sample(second: number): string {
  const cpu = { cpu_usage: { total_usage: 0 }, throttling_data: { throttled_periods: 0 } }
  const read = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
  return JSON.stringify({ read, cpu_stats: cpu, memory_stats: { usage: second }, pids_stats: {} }) + '\n'
}

test('one stream serves all watchers and ends with the last', async () => {
  const { usage, opened, closed, until } = engine()
  const first = usage.watch('a')
  const second = usage.watch('a')
  await until(() => usage.latest('a') !== undefined)
  first()
  first()
  expect([opened.length, closed()]).toEqual([1, 0])
  second()
  await until(() => closed() === 1)
})

test('a hidden tab samples nothing; shown again, it goes on', async () => {
  const { usage, opened, closed, until } = engine()
  usage.watch('a')
  await until(() => usage.latest('a') !== undefined)
  usage.setHidden(true)
  await until(() => closed() === 1)
  usage.watch('b')
  expect(opened).toHaveLength(1)
  usage.setHidden(false)
  await until(() => opened.length === 3 && usage.latest('b') !== undefined)
  expect(usage.series.get('a')!.samples.map(({ memory }) => memory)).toContain(1)
  usage.close()
  await until(() => closed() === 3)
})

test('OOM kills are kept with their time until the container is gone', () => {
  const { usage } = engine()
  usage.markOom('a', 1000)
  usage.markOom('a', 2000)
  expect(usage.series.get('a')!.ooms).toEqual([1000, 2000])
  usage.forget('a')
  expect(usage.series.has('a')).toBe(false)
})
