import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { paceOf } from './pace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function paced(quietFor: () => number) {
  let done = false
  void paceOf(quietFor)().then(() => (done = true))
  return { after: async (ms: number) => (await vi.advanceTimersByTimeAsync(ms), done) }
}

test('beside a guest that sleeps, work goes on at once', async () => {
  expect(await paced(() => Infinity).after(0)).toBe(true)
})

test('it waits until the guest has been quiet for a while', async () => {
  let busyUntil = performance.now() + 500
  const { after } = paced(() => performance.now() - Math.min(busyUntil, performance.now()))
  expect(await after(550)).toBe(false)
  busyUntil = performance.now()
  expect(await after(60)).toBe(false)
  expect(await after(60)).toBe(true)
})

test('a guest that never rests delays it, and does not stop it', async () => {
  const { after } = paced(() => 0)
  expect(await after(1900)).toBe(false)
  expect(await after(200)).toBe(true)
})
