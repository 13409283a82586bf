import { expect, test } from 'vitest'
import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { progressStream } from './progress-stream.ts'

const downloading = (id: string, current: number): JsonProgress => ({
  ...{ id, status: 'Downloading' },
  progressDetail: { current, total: 10_000 },
})

/** A running call, and a reader who has taken the first of its lines. */
async function scene() {
  const work = deferred<string>()
  let report!: (line: JsonProgress) => void
  const lines = progressStream<JsonProgress, string>(
    (reporting) => {
      report = reporting
      return work.promise
    },
    (line) => line,
  )
  const first = lines.next()
  report({ status: 'Pulling' })
  expect((await first).value).toEqual({ status: 'Pulling' })
  return { work, lines, report }
}

test('a reader that stalls finds how far each step has come, not how it came there', async () => {
  const { work, lines, report } = await scene()
  for (let current = 0; current <= 10_000; current++)
    for (const id of ['a', 'b']) report(downloading(id, current))
  report({ id: 'a', status: 'Retrying', progressDetail: {} })
  report(downloading('a', 5))
  report({ status: 'Digest: x' })
  work.resolve('image')
  const rest = []
  for (let next = await lines.next(); ; next = await lines.next()) {
    rest.push(next.value)
    if (next.done) break
  }
  expect(rest).toEqual([
    downloading('b', 10_000),
    { id: 'a', status: 'Retrying', progressDetail: {} },
    downloading('a', 5),
    { status: 'Digest: x' },
    'image',
  ])
})

test('a failure comes after the lines before it', async () => {
  const { work, lines, report } = await scene()
  report(downloading('a', 1))
  work.reject(new Error('lost'))
  expect((await lines.next()).value).toEqual(downloading('a', 1))
  await expect(lines.next()).rejects.toThrow('lost')
})
