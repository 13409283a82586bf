import { expect, test } from 'vitest'
import { formatBytes, formatDuration, formatNanoseconds, formatPercent, shortId } from './format.ts'

test.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1 KiB'],
  [33_554_432, '32 MiB'],
  [35_127_296, '33.5 MiB'],
  [1_048_575, '1 MiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes, 'en')).toBe(text)
})

test.each([
  [0.04, '0%'],
  [7.26, '7.3%'],
  [99.4, '99%'],
])('%d percent are %s', (percent, text) => {
  expect(formatPercent(percent, 'en')).toBe(text)
})

test.each([
  [950, '950 ns'],
  [41_000, '41 µs'],
  [1_234_567, '1.23 ms'],
  [2.5e9, '2.5 s'],
])('%d nanoseconds are %s', (nanoseconds, text) => {
  expect(formatNanoseconds(nanoseconds, 'en')).toBe(text)
})

test.each([
  [400, '0 seconds'],
  [1000, '1 second'],
  [59_999, '59 seconds'],
  [185_000, '3 minutes'],
  [7_200_000, '2 hours'],
  [-5000, '0 seconds'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds, 'en')).toBe(text)
})

test('a duration is told in Chinese too', () => {
  expect(formatDuration(185_000, 'zh-CN')).toBe('3分钟')
})

test('ids are shown as Docker shows them', () => {
  expect(shortId('sha256:0123456789abcdef')).toBe('0123456789ab')
})
