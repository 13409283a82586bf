import { expect, test } from 'vitest'
import { decodeRun, encodeRun, MAX_RUN } from './run-text.ts'

test.each(['', 'ls', 'docker run -it \\\n\t--rm busybox', 'echo 容器 🐳', '???>>>'])(
  '%j comes back as it was',
  (text) => {
    const encoded = encodeRun(text)
    expect(encoded).toMatch(/^[\w-]*$/)
    expect(decodeRun(encoded)).toEqual({ text })
  },
)

test('the form is base64url without padding', () => {
  expect(encodeRun('ls')).toBe('bHM')
  expect(encodeRun('???>>>')).toBe('Pz8_Pj4-')
})

test('line ends at the end run nothing', () => {
  expect(decodeRun(encodeRun('ls\n\n'))).toEqual({ text: 'ls' })
})

test.each([
  'a',
  'a+b/',
  'bHM=',
  'bH M',
  '_w',
  encodeRun('ls\r'),
  encodeRun('\x1b[201~'),
  encodeRun('\u009b'),
])('%j is not readable', (encoded) => {
  expect(decodeRun(encoded)).toEqual({ wrong: 'unreadable' })
})

test('the limit is in bytes', () => {
  expect(decodeRun(encodeRun('x'.repeat(MAX_RUN)))).toHaveProperty('text')
  expect(decodeRun(encodeRun('容'.repeat(MAX_RUN / 2)))).toEqual({ wrong: 'long', bytes: MAX_RUN * 1.5 })
})
