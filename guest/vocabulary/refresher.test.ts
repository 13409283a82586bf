import { expect, test } from 'vitest'
import { Refresher } from './refresher.ts'

function controlled() {
  const runs: { resolve: () => void; reject: (reason: Error) => void }[] = []
  const refresher = new Refresher(
    () => new Promise<void>((resolve, reject) => runs.push({ resolve, reject })),
  )
  return { runs, refresher }
}

test('a burst of requests costs two runs, the second begun after the last request', async () => {
  const { runs, refresher } = controlled()
  const first = refresher.request()
  const later = [refresher.request(), refresher.request(), refresher.request()]
  expect(runs).toHaveLength(1)
  runs[0]!.resolve()
  await first
  await Promise.resolve()
  expect(runs).toHaveLength(2)
  runs[1]!.resolve()
  await Promise.all(later)
  expect(runs).toHaveLength(2)
})

test('a failed run rejects those who asked for it and the next still runs', async () => {
  const { runs, refresher } = controlled()
  const first = refresher.request()
  const second = refresher.request()
  runs[0]!.reject(new Error('engine away'))
  await expect(first).rejects.toThrow('engine away')
  await Promise.resolve()
  runs[1]!.resolve()
  await expect(second).resolves.toBeUndefined()
})
