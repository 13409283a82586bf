import { expect, test } from 'vitest'
import { describeSlowest } from './file-times.ts'

test('the slowest files of all runs come first, no more than asked for', () => {
  const times = [
    { project: 'unit', file: 'a.test.ts', milliseconds: 40 },
    { project: 'guest', file: 'test/guest/b.test.ts', milliseconds: 123_456 },
    { project: 'e2e', file: 'test/e2e/c.test.ts', milliseconds: 5_000 },
  ]
  expect(describeSlowest(times, 2)).toBe(
    '  123.5 s  guest  test/guest/b.test.ts\n' + '    5.0 s  e2e    test/e2e/c.test.ts\n',
  )
})
