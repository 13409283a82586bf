/** Failures in a stream of progress, and clients that leave it. */
import { expect, test } from 'vitest'
import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { collect } from '../../testing/collect.ts'
import { withErrorLine } from './error-line.ts'

function work(fail?: 'at once' | 'later') {
  const ended = { value: false }
  async function* lines(): AsyncGenerator<JsonProgress, void> {
    const error = new EngineError('internal', 'no space left on device', { code: 7 })
    try {
      if (fail === 'at once') throw error
      yield { status: 'one' }
      if (fail === 'later') throw error
      yield { status: 'two' }
    } finally {
      ended.value = true
    }
  }
  return { lines: lines(), ended }
}

test('a failure of the first line is the call’s, a later one a line with its code', async () => {
  await expect(withErrorLine(work('at once').lines)).rejects.toThrow('no space left on device')
  const message = 'no space left on device'
  expect(await collect(await withErrorLine(work('later').lines))).toEqual([
    { status: 'one' },
    { errorDetail: { code: 7, message }, error: message },
  ])
})

test.each([1, 2])('a client that leaves after line %i ends the work', async (count) => {
  const { lines, ended } = work()
  let seen = 0
  for await (const _ of await withErrorLine(lines)) if (++seen === count) break
  expect(ended.value).toBe(true)
})
