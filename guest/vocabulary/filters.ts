/** Docker's `filters` (moby api/types/filters): key → accepted values; a thing passes when each key has a value that matches. */
import { EngineError } from '../protocol/errors.ts'

/** One that parseFilters made has no prototype, so that its keys are the filters alone. */
export type Filters = Record<string, string[]>

const invalid = (detail = '') => new EngineError('invalid', `invalid filter${detail}`)

/**
 * Reads both forms on the wire: `{"key":{"value":true}}`, and the older `{"key":["value"]}`. As in Docker, the keys of the inner
 * map are the values whatever they are set to, and one text has one form only. Empty text is no filter.
 * @throws EngineError `invalid`
 */
export function parseFilters(text: string | undefined): Filters {
  if (text === undefined || text === '') return {}
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid() // Docker's sentence has no reason.
  }
  if (json === null) return {}
  if (typeof json !== 'object' || Array.isArray(json)) throw invalid()
  const entries = Object.entries(json)
  const values = entries.every(([, value]) => value === null || isStrings(value)) ? ofList : ofMap
  return Object.fromEntries(entries.map(([key, value]) => [key, values(value)]))
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

const ofList = (value: unknown): string[] => [...new Set(isStrings(value) ? value : [])]

function ofMap(value: unknown): string[] {
  if (value === null) return []
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid()
  if (!Object.values(value).every((accepted) => typeof accepted === 'boolean' || accepted === null))
    throw invalid()
  return Object.keys(value)
}

/** The `filters` parameter as Docker's client writes it, keys and values in order; undefined for no filter. */
export function formatFilters(filters: Filters): string | undefined {
  const keys = Object.keys(filters).sort()
  if (keys.length === 0) return undefined
  const accepted = (values: string[]) => Object.fromEntries([...values].sort().map((value) => [value, true]))
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, accepted(filters[key]!)])))
}

/** @throws EngineError `invalid` for a key that nothing looks at: `invalid filter 'x'` */
export function checkFilters(filters: Filters, accepted: readonly string[]): void {
  for (const key of Object.keys(filters)) if (!accepted.includes(key)) throw invalid(` '${key}'`)
}

/** `key` present, or `key=value` equal; each wanted one must match. */
export function matchesLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
  wanted: readonly string[],
): boolean {
  return wanted.every((item) => {
    const at = item.indexOf('=')
    const key = at < 0 ? item : item.slice(0, at)
    if (labels === null || labels === undefined || !Object.hasOwn(labels, key)) return false
    return at < 0 || labels[key] === item.slice(at + 1)
  })
}

/** `dangling=true`: GetBoolOrDefault. Undefined when the filter is not there. @throws EngineError `invalid` for anything else */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  if (!Object.hasOwn(filters, key)) return undefined
  const values = filters[key]!
  const isFalse = values.includes('0') || values.includes('false')
  const isTrue = values.includes('1') || values.includes('true')
  if (isFalse === isTrue) throw invalid(values.length === 0 ? ` '${key}'` : ` '${key}=[${values.join(' ')}]'`)
  return isTrue
}
