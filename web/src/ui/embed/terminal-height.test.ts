import { expect, test } from 'vitest'
import { rowsFor } from './terminal-height.ts'

test.each([
  [0, 8],
  [7, 8],
  [8, 16],
  [15, 16],
  [16, 24],
  [400, 24],
])('content of %i rows gets a terminal of %i', (used, rows) => {
  expect(rowsFor(used)).toBe(rows)
})
