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
  'Attributes',
  'AuxiliaryAddresses',
  'Containers',
  'Details',
  'DriverOpts',
  'ExposedPorts',
  'IndexConfigs',
  'Labels',
  'Networks',
  'Options',
  'PortBindings',
  'Ports',
  'Runtimes',
  'StorageOpt',
  'Sysctls',
  'Tmpfs',
  'Volumes',
])

/** The objects that stand for Go maps. */
const goMaps = new WeakSet<object>()

export const isGoMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && goMaps.has(value)

/** JSON of the engine as Go would decode it into its types: the known maps are told from structs. A copy. */
export function fromApi(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => fromApi(item))
  if (!isPlainObject(value)) return value
  const isMap = MAP_FIELDS.has(name)
  const keys = isMap ? Object.keys(value).sort() : Object.keys(value)
  const copy: PlainObject = Object.fromEntries(
    keys.map((key) => [key, fromApi(value[key], isMap ? '' : key)]),
  )
  if (isMap) goMaps.add(copy)
  return copy
}

/** Go's text/template truth: zero values, empty collections and nil are false. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return true
}

/** fmt's `%v`. */
export function goString(value: unknown, top = true): string {
  if (value === undefined) return '<no value>'
  if (value === null) return top ? '<no value>' : '<nil>'
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map((item) => goString(item, false)).join(' ')}]`
  if (isGoObject(value)) return goString(value.toJSON(), false)
  if (!isPlainObject(value)) return String(value)
  const items = Object.entries(value).map(([key, item]) => [key, goString(item, false)] as const)
  if (isGoMap(value)) return `map[${items.map(([key, text]) => `${key}:${text}`).join(' ')}]`
  return `{${items.map(([, text]) => text).join(' ')}}`
}

/** encoding/json escapes these in what types encode of themselves. */
const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The `json` function: encoding/json, without HTML escaping but for rows of tables, which encode themselves. */
export function goJson(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (isGoObject(value)) return escapeHtml(goJson(value.toJSON()))
  if (!isPlainObject(value)) return JSON.stringify(value)
  const kept = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${kept.map(([key, item]) => `${JSON.stringify(key)}:${goJson(item)}`).join(',')}}`
}
