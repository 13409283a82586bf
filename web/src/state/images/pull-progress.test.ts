import { expect, test } from 'vitest'
import { PullProgressState } from './pull-progress.ts'

test('lines advance their layer; the fraction never exceeds 1', () => {
  let pull = new PullProgressState()
  pull = pull.with({ status: 'Pulling from library/nginx', id: 'latest' })
  expect(pull).toMatchObject({ layers: [], message: 'Pulling from library/nginx', fraction: 0 })
  pull = pull.with({ status: 'Pulling fs layer', id: 'a' })
  pull = pull.with({ status: 'Already exists', id: 'b' })
  pull = pull.with({ status: 'Downloading', id: 'a', progressDetail: { current: 50, total: 100 } })
  expect(pull.layers.map(({ id, status }) => [id, status])).toEqual([
    ['a', 'Downloading'],
    ['b', 'Already exists'],
  ])
  expect(pull.fraction).toBeCloseTo(0.725)
  pull = pull.with({ status: 'Pull complete', id: 'a' })
  expect(pull.fraction).toBe(1)
})
