/**
 * Go's view of JSON-like values: truth, printing with `%v`, JSON encoding, field access.
 * Objects stand for structs (their key order is the field order) unless they are a GoMap or named like one of the API's maps.
 */

/** An object whose fields are computed when asked for, with the Go type that error messages name. */
export interface GoObject {
  readonly goType: string
  /** `undefined`: there is no such field. */
  field(name: string): unknown
  /** What `json` encodes. */
  toJSON(): unknown
}

export function isGoObject(value: unknown): value is GoObject {
  return typeof value === 'object' && value !== null && 'goType' in value && 'field' in value
}

export type PlainObject = Record<string, unknown>

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isGoObject(value)
}

/** The Engine API's fields that are maps in Go: printed and encoded in the order of their keys. */
const MAP_FIELDS = new Set([
  'Annotations',
  'AuxiliaryAddresses',
  'Config.Volumes',
  'Containers',
  'DriverOpts',
  'ExposedPorts',
  'IndexConfigs',
  'Labels',
  'Networks',
  'Options',
  'PortBindings',
  'Ports',
  'Runtimes',
  'Status',
  'StorageOpt',
  'Sysctls',
  'Tmpfs',
  'Volumes',
])

export const isMapField = (name: string): boolean => MAP_FIELDS.has(name)

/** Go's text/template truth: zero values, empty collections and nil are false. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return true
}

const sorted = (object: PlainObject): string[] => Object.keys(object).sort()

/** fmt's `%v`; `name` is the field the value came from. */
export function goString(value: unknown, name = '', top = true): string {
  if (value === undefined) return '<no value>'
  if (value === null) return top ? '<no value>' : '<nil>'
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map((item) => goString(item, '', false)).join(' ')}]`
  if (isGoObject(value)) return goString(value.toJSON(), '', false)
  if (!isPlainObject(value)) return String(value)
  if (isMapField(name)) {
    return `map[${sorted(value)
      .map((key) => `${key}:${goString(value[key], '', false)}`)
      .join(' ')}]`
  }
  return `{${Object.entries(value)
    .map(([key, item]) => goString(item, key, false))
    .join(' ')}}`
}

/** encoding/json without HTML escaping; maps in the order of their keys, structs in their own. */
export function goJson(value: unknown, name = ''): string {
  if (value === undefined || value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map((item) => goJson(item)).join(',')}]`
  if (isGoObject(value)) return goJson(value.toJSON())
  if (!isPlainObject(value)) return JSON.stringify(value)
  const keys = isMapField(name) ? sorted(value) : Object.keys(value)
  const kept = keys.filter((key) => value[key] !== undefined)
  return `{${kept.map((key) => `${JSON.stringify(key)}:${goJson(value[key], key)}`).join(',')}}`
}
