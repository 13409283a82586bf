import { afterEach, expect, test, vi } from 'vitest'
import { Exclusive } from './exclusive.ts'

afterEach(() => vi.unstubAllGlobals())

const withLocks = (request: (name: string, action: () => Promise<unknown>) => Promise<unknown>) =>
  vi.stubGlobal('navigator', { locks: { request } })

test('a task runs under the lock of its name', async () => {
  const names: string[] = []
  withLocks((name, action) => {
    names.push(name)
    return action()
  })
  expect(await new Exclusive('content').run(() => Promise.resolve(7))).toBe(7)
  expect(names).toEqual(['content'])
})

test('where the browser refuses locks, tasks still run one at a time', async () => {
  withLocks(() => Promise.reject(new DOMException('The request was denied.', 'SecurityError')))
  const exclusive = new Exclusive('content')
  const order: string[] = []
  const task = (name: string) => async () => {
    order.push(`${name} begins`)
    await Promise.resolve()
    order.push(`${name} ends`)
  }
  await Promise.all([exclusive.run(task('a')), exclusive.run(task('b'))])
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('a task that fails fails once, whatever its error is called', async () => {
  withLocks((_name, action) => action())
  let runs = 0
  const fail = () => {
    runs += 1
    return Promise.reject(new DOMException('no access', 'SecurityError'))
  }
  await expect(new Exclusive('content').run(fail)).rejects.toThrow('no access')
  expect(runs).toBe(1)
})

test('another failure of the lock is told', async () => {
  withLocks(() => Promise.reject(new DOMException('the page is gone', 'AbortError')))
  await expect(new Exclusive('content').run(() => Promise.resolve(1))).rejects.toThrow('the page is gone')
})
