import { expect, onTestFinished, test } from 'vitest'
import { yieldInPlace, type Yielding } from './yield-in-place.ts'

function yielding() {
  const ticks: number[] = []
  let waiting: (() => void) | undefined
  let unregistered = 0
  const v86: Yielding = {
    yield: () => {
      throw new Error("v86's own yield was used")
    },
    yield_callback: (tick) => {
      ticks.push(tick)
      waiting?.()
    },
    unregister_yield: () => void unregistered++,
  }
  const { quietFor, worked } = yieldInPlace(v86)
  onTestFinished(() => v86.unregister_yield())
  const next = () => new Promise<void>((resolve) => (waiting = resolve))
  return { v86, ticks, next, quietFor, worked, unregistered: () => unregistered }
}

test("ends v86's own worker", () => {
  expect(yielding().unregistered()).toBe(1)
})

test('ticks after what runs now, and lets other events in between', async () => {
  const { v86, ticks, next } = yielding()
  v86.yield(0, 1)
  expect(ticks).toEqual([])
  await next()
  expect(ticks).toEqual([1])

  const other = new MessageChannel()
  onTestFinished(() => other.port1.close())
  const order: string[] = []
  const ticked = next().then(() => order.push('tick'))
  const heard = new Promise<void>((resolve) => {
    other.port1.onmessage = () => {
      order.push('other')
      resolve()
    }
  })
  other.port2.postMessage('x')
  v86.yield(0, 2)
  await Promise.all([ticked, heard])
  expect(order.toSorted()).toEqual(['other', 'tick'])
})

test('a later tick takes the place of one that sleeps', async () => {
  const { v86, ticks, next } = yielding()
  v86.yield(3_600_000, 1)
  v86.yield(2, 2)
  await next()
  expect(ticks).toEqual([2])
})

test('the guest is quiet since the last tick that could not wait', async () => {
  const { v86, next, quietFor } = yielding()
  expect(quietFor()).toBe(Infinity)
  v86.yield(5, 1)
  await next()
  expect(quietFor()).toBe(Infinity)
  const before = performance.now()
  v86.yield(0, 2)
  await next()
  v86.yield(5, 3)
  await next()
  expect(quietFor()).toBeLessThanOrEqual(performance.now() - before)
})
