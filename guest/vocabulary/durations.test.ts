import { describe, expect, it } from 'vitest'
import { formatGoDuration, parseDurationExactly, parseGoDuration } from './go-duration.ts'
import { humanDuration } from './human-duration.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('humanDuration', () => {
  it.each([
    [-5, 'Less than a second'],
    [0.999, 'Less than a second'],
    [1.999, '1 second'],
    [47, '47 seconds'],
    [59.999, '59 seconds'],
    [MINUTE, 'About a minute'],
    [119, 'About a minute'],
    [35 * MINUTE + 40, '35 minutes'],
    [HOUR - 0.001, '59 minutes'],
    [HOUR, 'About an hour'],
    [HOUR + 29 * MINUTE, 'About an hour'],
    [HOUR + 30 * MINUTE, '2 hours'],
    [3 * HOUR + 29 * MINUTE, '3 hours'],
    [3 * HOUR + 31 * MINUTE, '4 hours'],
    [36 * HOUR, '36 hours'],
    [47 * HOUR, '47 hours'],
    [47.4999 * HOUR, '47 hours'],
    // 47.5 hours round to 48, which are two days.
    [47.5 * HOUR, '2 days'],
    [13 * DAY + 5 * HOUR, '13 days'],
    [14 * DAY - 31 * MINUTE, '13 days'],
    [14 * DAY - 30 * MINUTE, '2 weeks'],
    [18 * DAY, '2 weeks'],
    [30 * DAY, '4 weeks'],
    [44 * DAY, '6 weeks'],
    [60 * DAY, '2 months'],
    [157 * DAY, '5 months'],
    [720 * DAY, '24 months'],
    [730 * DAY, '2 years'],
    // Rounded it would be three years.
    [3 * 365 * DAY - 10 * MINUTE, '2 years'],
    [3 * 365 * DAY + 60 * DAY, '3 years'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text)
  })
})

describe('Go’s durations', () => {
  it.each<[string, bigint]>([
    ['0', 0n],
    ['+0', 0n],
    ['-0', 0n],
    ['5s', 5_000_000_000n],
    ['1478s', 1_478_000_000_000n],
    ['-5s', -5_000_000_000n],
    ['+5s', 5_000_000_000n],
    ['5.0s', 5_000_000_000n],
    ['5.6s', 5_600_000_000n],
    ['5.s', 5_000_000_000n],
    ['.5s', 500_000_000n],
    ['1.004s', 1_004_000_000n],
    ['100.00100s', 100_001_000_000n],
    ['10ns', 10n],
    ['11us', 11_000n],
    ['12µs', 12_000n],
    ['12μs', 12_000n],
    ['13ms', 13_000_000n],
    ['15m', 900_000_000_000n],
    ['16h', 57_600_000_000_000n],
    ['3h30m', 12_600_000_000_000n],
    ['10.5s4m', 250_500_000_000n],
    ['-2m3.4s', -123_400_000_000n],
    ['1h2m3s4ms5us6ns', 3_723_004_005_006n],
    ['39h9m14.425s', 140_954_425_000_000n],
    ['52763797000ns', 52_763_797_000n],
    ['0.3333333333333333333h', 1_199_999_999_999n],
    ['9007199254740993ns', 9_007_199_254_740_993n],
    ['9223372036854775807ns', 9_223_372_036_854_775_807n],
    ['-9223372036854775808ns', -9_223_372_036_854_775_808n],
    ['0.100000000000000000000h', 360_000_000_000n],
  ])('reads %s', (text, nanoseconds) => {
    expect(parseDurationExactly(text)).toBe(nanoseconds)
    expect(parseGoDuration(text)).toBe(Number(nanoseconds))
  })

  it.each([
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['1.5', 'time: missing unit in duration "1.5"'],
    ['1h5', 'time: missing unit in duration "1h5"'],
    ['1.5.5s', 'time: missing unit in duration "1.5.5s"'],
    ['-', 'time: invalid duration "-"'],
    ['s', 'time: invalid duration "s"'],
    ['.', 'time: invalid duration "."'],
    ['-.', 'time: invalid duration "-."'],
    ['.s', 'time: invalid duration ".s"'],
    ['+.s', 'time: invalid duration "+.s"'],
    ['soon', 'time: invalid duration "soon"'],
    [' 1s', 'time: invalid duration " 1s"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1s ', 'time: unknown unit "s " in duration "1s "'],
    ['1\n', 'time: unknown unit "\\x0a" in duration "1\\x0a"'],
    ['1"', 'time: unknown unit "\\"" in duration "1\\""'],
    ['1é', 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['2562048h', 'time: invalid duration "2562048h"'],
    ['-9223372036854775809ns', 'time: invalid duration "-9223372036854775809ns"'],
  ])('refuses %j', (text, sentence) => {
    expect(() => parseGoDuration(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: sentence }),
    )
  })

  it.each<[number | bigint, string]>([
    [0, '0s'],
    [1, '1ns'],
    [1100, '1.1µs'],
    [2_200_000, '2.2ms'],
    [50_000_000, '50ms'],
    [100_000_000, '100ms'],
    [1e9, '1s'],
    [1_500_000_000, '1.5s'],
    [3_300_000_000, '3.3s'],
    [60e9, '1m0s'],
    [90e9, '1m30s'],
    [245e9, '4m5s'],
    [245_001_000_000, '4m5.001s'],
    [3600e9, '1h0m0s'],
    [18_367_001_000_000, '5h6m7.001s'],
    [480_000_000_001, '8m0.000000001s'],
    [-90e9, '-1m30s'],
    [(1n << 63n) - 1n, '2562047h47m16.854775807s'],
    [-(1n << 63n), '-2562047h47m16.854775808s'],
  ])('writes %s as %s', (nanoseconds, text) => {
    expect(formatGoDuration(nanoseconds)).toBe(text)
    expect(parseDurationExactly(text)).toBe(BigInt(nanoseconds))
  })
})
