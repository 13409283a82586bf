/** Decoders: from the untyped tree to values of the model. A struct keeps the order of its table and drops empty values. */
import { formatGoDuration, parseGoDuration } from '../../../../vocabulary/go-duration.ts'
import { parseRamSize } from '../../shared/format/sizes.ts'
import { ModelError } from './compose-error.ts'
import { toBoolean, toFloat } from './interpolate.ts'
import { shellWords } from './shellwords.ts'
import { GoFloat } from './yaml/go-scalars.ts'
import { byText, goType, isDict, scalarText, sortedKeys, type Dict } from './yaml/tree.ts'

export interface DecodeOptions {
  /** Keep the keys `x-…`, which `config` prints in YAML alone. */
  extensions: boolean
}

export type Decoder = (value: unknown, at: string, options: DecodeOptions) => unknown

function fail(at: string, message: string): never {
  throw new ModelError(`decoding failed due to the following error(s):\n\nerror decoding '${at}': ${message}`)
}

const wrongType = (at: string, expected: string, value: unknown): never => {
  const shown = isDict(value) || Array.isArray(value) ? '' : `, value: '${scalarText(value)}'`
  throw new ModelError(
    `decoding failed due to the following error(s):\n\n'${at}' expected type '${expected}', got unconvertible type '${goType(value)}'${shown}`,
  )
}

function attempt<T>(at: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    return fail(at, (error as Error).message)
  }
}

export const text: Decoder = (value, at) =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : wrongType(at, 'string', value)

export const flag: Decoder = (value, at) =>
  typeof value === 'string' ? attempt(at, () => toBoolean(value, () => undefined)) : value === true

export const integer: Decoder = (value, at) => {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof GoFloat) return Math.trunc(value.value)
  if (typeof value !== 'string' || !/^[+-]?\d+$/.test(value)) return wrongType(at, 'int', value)
  return Number(value)
}

export const decimal: Decoder = (value, at) =>
  typeof value === 'string' ? attempt(at, () => toFloat(value)) : Number(value)

/** Bytes as a decimal text. */
export const bytes: Decoder = (value, at) => {
  // Compose takes integers and text, and leaves anything else at 0.
  if (value instanceof GoFloat) return '0'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value === '-1') return '-1'
  return attempt(at, () => String(parseRamSize(scalarText(value))))
}

export const duration: Decoder = (value, at) =>
  attempt(at, () => formatGoDuration(parseGoDuration(scalarText(value))))

export const listOf =
  (item: Decoder): Decoder =>
  (value, at, options) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).map((one, index) =>
      item(one, `${at}[${index}]`, options),
    )

export const texts = listOf(text)
export const textsOrNumbers: Decoder = (value) =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).map(scalarText)

/** Decodes a map, and sorts its keys. */
export const mapOf =
  (item: Decoder): Decoder =>
  (value, at, options) => {
    if (!isDict(value)) return wrongType(at, 'map[string]interface {}', value)
    return Object.fromEntries(
      sortedKeys(value).map((key) => [key, item(value[key], `${at}[${key}]`, options)]),
    )
  }

/** Decodes a Go pointer: null stays null. */
export const orNull =
  (item: Decoder): Decoder =>
  (value, at, options) =>
    value === null ? null : item(value, at, options)

function pairs(value: unknown): [string, unknown][] {
  if (isDict(value)) return Object.entries(value)
  return (Array.isArray(value) ? (value as unknown[]) : []).map((entry) => {
    const line = scalarText(entry)
    const at = line.indexOf('=')
    return at < 0 ? [line, undefined] : [line.slice(0, at), line.slice(at + 1)]
  })
}

const sortedPairs = (value: unknown, onMissing: string | null): Dict =>
  Object.fromEntries(
    pairs(value)
      .map(([key, item]): [string, string | null] => [
        key,
        item === undefined || item === null ? onMissing : scalarText(item),
      ])
      // Entries are sorted by name; of two with one name fromEntries keeps the later.
      .sort(([a], [b]) => byText(a, b)),
  )

/** Decodes `A=b` or a map; a name without a value is null. */
export const environment: Decoder = (value) => sortedPairs(value, null)
/** Decodes `a=b` or a map; a name without a value is empty. */
export const labels: Decoder = (value) => sortedPairs(value, '')

/** Decodes a list or a command line; null when not given. */
export const command: Decoder = (value, at) => {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return attempt(at, () => shellWords(value))
  return (value as unknown[]).map(String)
}

export const healthTest: Decoder = (value) =>
  typeof value === 'string' ? ['CMD-SHELL', value] : (value as unknown[]).map(String)

/** Decodes `name=address`, sorted. */
export const hosts: Decoder = (value, at) => {
  const list: [string, string][] = []
  const entries = Array.isArray(value)
    ? (value as unknown[]).map((entry): [string, unknown] => {
        const [, name, address] =
          /^([^=]*)=(.*)$/s.exec(scalarText(entry)) ?? /^([^:]*):(.*)$/s.exec(scalarText(entry)) ?? []
        if (name === undefined) return fail(at, `invalid additional host, missing IP: ${scalarText(entry)}`)
        return [name, address!.split(',')]
      })
    : Object.entries(value as Dict)
  for (const [name, addresses] of entries) {
    if (name === '' || /[:=]/.test(name)) fail(at, `bad host name '${name}'`)
    for (const address of Array.isArray(addresses) ? (addresses as unknown[]) : [addresses ?? '']) {
      list.push([name, scalarText(address).replace(/^\[(.+)\]$/, '$1')])
    }
  }
  return list.map(([name, address]) => `${name}=${address}`).sort(byText)
}

export const deviceCount: Decoder = (value, at) => {
  if (typeof value === 'number') return value
  if (value instanceof GoFloat) return fail(at, 'invalid type float64 for device count')
  const word = scalarText(value)
  if (word.toLowerCase() === 'all') return -1
  if (/^[+-]?\d+$/.test(word)) return Number(word)
  return fail(at, `invalid value ${JSON.stringify(word)}, the only value allowed is 'all' or a number`)
}

export const ulimit: Decoder = (value, at) => {
  if (typeof value === 'number') return value
  const { soft, hard } = value as Dict
  const whole = (limit: unknown): number =>
    Number.isInteger(limit) ? (limit as number) : fail(at, 'not a number')
  const limits = { soft: whole(soft ?? 0), hard: whole(hard ?? 0) }
  return { ...(limits.soft !== 0 && { soft: limits.soft }), ...(limits.hard !== 0 && { hard: limits.hard }) }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  if (value === '0') return false
  return Array.isArray(value) ? value.length === 0 : isDict(value) && Object.keys(value).length === 0
}

/**
 * When a field is kept: `value` unless it is empty, `pointer` whenever the file gives it, `always` even when it doesn't
 * (with the decoder's answer to undefined).
 */
export type Keep = 'value' | 'pointer' | 'always'

export type Field = readonly [name: string, decoder: Decoder, keep?: Keep, jsonName?: string]

/** Decodes a struct: the fields in Go's order, then the extensions. */
export const struct =
  (fields: readonly Field[]): Decoder =>
  (value, at, options) => {
    if (!isDict(value)) return wrongType(at, 'map', value)
    const result: Dict = {}
    for (const [name, decoder, keep = 'value', jsonName = name] of fields) {
      const given = value[name]
      if (keep === 'always') result[jsonName] = decoder(given, `${at}.${name}`, options)
      else if (given !== undefined && given !== null) {
        const decoded = decoder(given, `${at}.${name}`, options)
        // A size of 0 is left out, as Go leaves out any zero value.
        const zero = keep === 'value' && (isEmpty(decoded) || (decoder === bytes && decoded === '0'))
        if (!zero) result[jsonName] = decoded
      }
    }
    if (options.extensions)
      for (const key of sortedKeys(value)) if (key.startsWith('x-')) result[key] = value[key]
    return result
  }
