import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { Waiters } from './waiters.ts'

test('all who wait are woken once, and those who come later the next time', async () => {
  const waiters = new Waiters<number>()
  const first = [waiters.next(), waiters.next()]
  waiters.wake(1)
  const second = waiters.next()
  waiters.wake(2)
  expect(await Promise.all([...first, second])).toEqual([1, 1, 2])
})

test('one who gives up learns why and is held no longer, and no signal holds one who was woken', async () => {
  const waiters = new Waiters<number>()
  const stop = new AbortController()
  const { signal } = stop
  const woken = waiters.next(signal)
  waiters.wake(1)
  expect(await woken).toBe(1)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const [given, up] = [waiters.next(signal), waiters.next(AbortSignal.abort('never'))]
  stop.abort('enough')
  await expect(given).rejects.toBe('enough')
  await expect(up).rejects.toBe('never')
  expect(waiters.size).toBe(0)
})
