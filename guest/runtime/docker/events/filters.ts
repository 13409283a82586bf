/** Docker's `filters`: key → accepted values; a thing passes when each key has a value that matches. */
import { parseTime } from '../../host/clock.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Filters } from '../../../protocol/api/engine-api.ts'

const INVALID = () => new EngineError('invalid', 'invalid filter')

/** `{"key":["a"]}` or the old `{"key":{"a":true}}`; empty text is no filter. */
export function parseFilters(text: string | undefined): Filters {
  if (!text) return {}
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw INVALID()
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw INVALID()
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, filterValues(value)]))
}

function filterValues(value: unknown): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  if (typeof value !== 'object' || value === null) throw INVALID()
  return Object.entries(value).flatMap(([item, accepted]) => (accepted ? [item] : []))
}

/** Throws `invalid filter 'x'` for a key that nothing looks at. */
export function checkFilters(filters: Filters, accepted: readonly string[]): void {
  for (const key of Object.keys(filters))
    if (!accepted.includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`, { filter: key })
}

/** `key` present, or `key=value` equal; each wanted one must match. */
export function matchesLabels(
  labels: Record<string, string> | null | undefined,
  wanted: readonly string[],
): boolean {
  return wanted.every((item) => {
    const at = item.indexOf('=')
    const value = labels?.[at < 0 ? item : item.slice(0, at)]
    return value !== undefined && (at < 0 || value === item.slice(at + 1))
  })
}

/** One true or false value: `dangling=true`. */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  const values = filters[key]
  if (values === undefined || values.length === 0) return undefined
  if (values.every((value) => ['true', '1', 't', 'TRUE', 'True', 'T'].includes(value))) return true
  if (values.every((value) => ['false', '0', 'f', 'FALSE', 'False', 'F'].includes(value))) return false
  throw new EngineError('invalid', `invalid filter '${key}=[${values.join(' ')}]'`, { filter: key })
}

/** `10m`, `1h30m`, an RFC 3339 time or seconds since the epoch → nanoseconds since the epoch. */
export function parseTimestamp(text: string, now: bigint): bigint {
  if (/^\d+(\.\d{1,9})?$/.test(text)) {
    const [seconds = '0', fraction = ''] = text.split('.')
    return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
  }
  const duration = parseDuration(text)
  if (duration !== undefined) return now - duration
  const time = parseTime(text)
  if (time !== undefined) return time
  const date = Date.parse(text)
  if (Number.isNaN(date)) throw new EngineError('invalid', `invalid timestamp: ${text}`, { value: text })
  return BigInt(date) * 1_000_000n
}

const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Go's time.ParseDuration for whole numbers: `1h30m` → nanoseconds; undefined when it is no duration. */
export function parseDuration(text: string): bigint | undefined {
  if (!/^(\d+(ns|us|ms|s|m|h))+$/.test(text)) return undefined
  let sum = 0n
  for (const [, count = '0', unit = 's'] of text.matchAll(/(\d+)(ns|us|ms|s|m|h)/g))
    sum += BigInt(count) * UNITS[unit]!
  return sum
}
