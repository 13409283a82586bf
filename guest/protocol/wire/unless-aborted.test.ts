import { expect, test } from 'vitest'
import { deferred } from './deferred.ts'
import { unlessAborted } from './unless-aborted.ts'

test('an abort ends the wait with its reason, and what comes late is given back', async () => {
  const stop = new AbortController()
  const work = deferred<string>()
  const late: string[] = []
  const waiting = unlessAborted(work.promise, stop.signal, (value) => late.push(value))
  stop.abort('enough')
  await expect(waiting).rejects.toBe('enough')
  work.resolve('here')
  await work.promise
  expect(late).toEqual(['here'])
})

test('an abort that was there before the work ends the wait too', async () => {
  await expect(unlessAborted(new Promise(() => undefined), AbortSignal.abort('never'))).rejects.toBe('never')
})

test('the outcome is the work’s, and a signal that lives on holds nothing of it', async () => {
  let listeners = 0
  const signal = {
    aborted: false,
    reason: undefined,
    addEventListener: () => void listeners++,
    removeEventListener: () => void listeners--,
  } as unknown as AbortSignal
  await expect(unlessAborted(Promise.resolve(1), signal)).resolves.toBe(1)
  await expect(unlessAborted(Promise.reject('no'), signal)).rejects.toBe('no')
  expect(listeners).toBe(0)
})
