import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { startContainer } from '../container/start-container.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { streamStats } from './container-stats.ts'

test('a stream of samples ends with its client, and piles nothing up on the way', async () => {
  const engine = testEngine()
  const container = await engine.create()
  await startContainer(engine.context, container)
  const stop = new AbortController()
  const samples = streamStats(engine.context, container, stop.signal)
  for (let count = 0; count < 5; count++) {
    const sample = samples.next()
    if (count > 0) await expect.poll(() => engine.clock.pending).toBe(1)
    engine.clock.advance(1000)
    expect((await sample).done).toBe(false)
  }
  const last = samples.next()
  await expect.poll(() => getEventListeners(stop.signal, 'abort')).toHaveLength(1)
  stop.abort()
  expect((await last).done).toBe(true)
  expect([getEventListeners(stop.signal, 'abort'), engine.clock.pending]).toEqual([[], 0])
})
