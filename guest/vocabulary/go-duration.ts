/** Durations as Go's package time reads and writes them, `1h2m3s`, in whole nanoseconds. */
import { EngineError } from '../protocol/errors.ts'

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n], // U+00B5, micro
  ['μs', 1_000n], // U+03BC, Greek mu
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])
const SECOND = 1_000_000_000n
/** The magnitude of the smallest int64. */
const LIMIT = 1n << 63n

const invalid = (sentence: string, text: string) =>
  new EngineError('invalid', `time: ${sentence} ${quoted(text)}`, { duration: text })

/** Go's package time quotes by itself: bytes outside ASCII as \x and hexadecimal digits. */
function quoted(text: string): string {
  let said = ''
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    if (byte < 0x20 || byte >= 0x80) said += `\\x${byte.toString(16).padStart(2, '0')}`
    else said += character === '"' || character === '\\' ? `\\${character}` : character
  }
  return `"${said}"`
}

/**
 * time.ParseDuration, exactly: `1h30m`, `1.5s`, `-2us`, `0`.
 * @throws EngineError `invalid` in Go's words
 */
export function parseDurationExactly(text: string): bigint {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text)!
  if (rest === '0') return 0n
  if (rest === '') throw invalid('invalid duration', text)
  let total = 0n
  for (let at = 0; at < rest.length;) {
    const [part = '', whole = '', fraction = '', unit = ''] =
      /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/.exec(rest.slice(at)) ?? []
    if (whole === '' && fraction === '') throw invalid('invalid duration', text)
    if (unit === '') throw invalid('missing unit in duration', text)
    const size = UNITS.get(unit)
    if (size === undefined) throw invalid(`unknown unit ${quoted(unit)} in duration`, text)
    // Go cuts what is smaller than a nanosecond off each part.
    const digits = fraction.slice(0, 18)
    total += BigInt(whole) * size + (BigInt(digits) * size) / 10n ** BigInt(digits.length)
    if (total > LIMIT) throw invalid('invalid duration', text)
    at += part.length
  }
  if (sign === '-') return -total
  if (total === LIMIT) throw invalid('invalid duration', text)
  return total
}

/** Parses as parseDurationExactly does, for JSON: exact up to 104 days, rounded to a double beyond. */
export const parseGoDuration = (text: string): number => Number(parseDurationExactly(text))

/** Digits of a decimal fraction, without the zeros at its end. */
function decimal(value: bigint, unit: bigint): string {
  const fraction = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`
}

/** time.Duration.String: `1m30s`, `1.5s`, `100ms`, `0s`. @param nanoseconds whole */
export function formatGoDuration(nanoseconds: number | bigint): string {
  const value = BigInt(nanoseconds)
  if (value < 0n) return `-${formatGoDuration(-value)}`
  if (value === 0n) return '0s'
  if (value < 1_000n) return `${value}ns`
  if (value < 1_000_000n) return `${decimal(value, 1_000n)}µs`
  if (value < SECOND) return `${decimal(value, 1_000_000n)}ms`
  const minutes = value / (60n * SECOND)
  const seconds = `${decimal(value % (60n * SECOND), SECOND)}s`
  if (minutes === 0n) return seconds
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`
}
