/**
 * Parses text into values, with one parser for each flag type and the sentences of Go's strconv, go-units and
 * docker/cli's opts.
 */
import { parseGoBoolean } from '../../../vocabulary/go-boolean.ts'
import type { ListType, NumberType } from './flag-spec.ts'
import { parseGoDuration } from '../../../vocabulary/go-duration.ts'
import { parseRamSize } from './format/sizes.ts'

export type FlagValue = boolean | number | string | string[] | Record<string, string[]>

type ValueParser<Value extends FlagValue> = (text: string, previous: FlagValue | undefined) => Value

/** Parses a boolean as Go's strconv.ParseBool does. */
export function parseBool(text: string): boolean {
  const value = parseGoBoolean(text)
  if (value !== undefined) return value
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** Parses an integer as Go's strconv.ParseInt does with base 0: a prefix 0x, 0o, 0b or 0 chooses the base. */
export function parseInteger(text: string, name = 'strconv.ParseInt', signed = true): number {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)$/.exec(text)
  if (match === null || (!signed && match[1] !== '')) {
    throw new Error(`${name}: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const digits = /^0[0-7]+$/.test(match[2]!) ? `0o${match[2]!.slice(1)}` : match[2]!
  const value = Number(digits) * (match[1] === '-' ? -1 : 1)
  if (Math.abs(value) > 2 ** 63)
    throw new Error(`${name}: parsing ${JSON.stringify(text)}: value out of range`)
  return value
}

/** Parses `1.5` or `3/2` into nano-CPUs. */
export function parseCpus(text: string): number {
  const match = /^([+-]?\d*\.?\d*(?:[eE][+-]?\d+)?)(?:\/(\d+))?$/.exec(text)
  const value = match === null || !/\d/.test(match[1]!) ? NaN : Number(match[1]) / Number(match[2] ?? 1)
  if (!Number.isFinite(value)) throw new Error(`failed to parse ${text} as a rational number`)
  const nano = Math.round(value * 1e9)
  const decimals = /\.(\d+)/.exec(match![1]!)?.[1] ?? ''
  if (decimals.replace(/0+$/, '').length > 9) throw new Error('value is too precise')
  return nano
}

function uint16(text: string): number {
  const value = parseInteger(text, 'strconv.ParseUint', false)
  if (value > 65535) throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`)
  return value
}

const isFilters = (value: FlagValue | undefined): value is Record<string, string[]> =>
  typeof value === 'object' && !Array.isArray(value)

function filter(text: string, previous: FlagValue | undefined): Record<string, string[]> {
  const filters = isFilters(previous) ? previous : {}
  if (text === '') return filters
  const equals = text.indexOf('=')
  if (equals < 0) throw new Error('bad format of filter (expected name=value)')
  const name = text.slice(0, equals).trim().toLowerCase()
  const value = text.slice(equals + 1).trim()
  return { ...filters, [name]: [...(filters[name] ?? []).filter((known) => known !== value), value] }
}

const listed = (previous: FlagValue | undefined): string[] => (Array.isArray(previous) ? previous : [])

const text: ValueParser<string> = (value) => value
const appended: ValueParser<string[]> = (value, previous) => [...listed(previous), value]

export const FLAG_VALUES = {
  bool: parseBool,
  string: text,
  list: appended,
  stringArray: appended,
  stringSlice: (value, previous) => [...listed(previous), ...value.split(',')],
  map: appended,
  mount: appended,
  network: appended,
  ulimit: appended,
  'gpu-request': appended,
  int: (value) => parseInteger(value),
  uint: (value) => parseInteger(value, 'strconv.ParseUint', false),
  uint16,
  bytes: parseRamSize,
  'swap-bytes': (value) => (value === '-1' ? -1 : parseRamSize(value)),
  decimal: parseCpus,
  duration: parseGoDuration,
  filter,
} satisfies Record<'bool', ValueParser<boolean>> &
  Record<'string', ValueParser<string>> &
  Record<'filter', ValueParser<Record<string, string[]>>> &
  Record<ListType, ValueParser<string[]>> &
  Record<NumberType, ValueParser<number>>
