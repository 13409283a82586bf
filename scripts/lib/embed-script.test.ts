import { expect, test } from 'vitest'
import { checkedSize } from './embed-script.ts'

test('a script within the limit has its size after gzip', () => {
  expect(checkedSize('x'.repeat(10_000))).toBeLessThan(100)
})

test('a script beyond the limit fails the build, with both sizes', () => {
  expect(() => checkedSize('let a = 1', 10)).toThrow(
    /^embed.js has \d\d bytes after gzip, and 10 are allowed/,
  )
})
