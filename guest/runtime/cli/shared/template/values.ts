/**
 * Sees JSON-like values as Go does: truth, printing with `%v`, JSON encoding, field access. Objects stand for structs
 * (their key order is the field order) unless they were decoded as maps or are named like one of the API's maps.
 */
import type { GoObject } from './go-object.ts'
import { GoDuration, GoNil } from './go-types.ts'

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

/** Maps whose keys have a type of their own (nat.Port): there `index` with a string fails. */
const KEYED_BY_PORT = new Set(['ExposedPorts', 'PortBindings', 'Ports'])
const portMaps = new WeakSet<object>()
export const isPortMap = (value: object): boolean => portMaps.has(value)

/** Maps that encode as null. */
const nilMaps = new WeakSet<object>()

/** Fields of the Engine API that may be null and are pointers in Go. */
const POINTER_FIELDS = new Set([
  ...['Health', 'Healthcheck', 'StopTimeout', 'Init', 'OomKillDisable', 'PidsLimit', 'MemorySwappiness'],
  ...['SizeRw', 'SizeRootFs', 'UsageData', 'Descriptor', 'ImageManifestDescriptor', 'ClusterVolume'],
])

const DURATION_FIELDS = new Set(['Interval', 'Timeout', 'StartPeriod', 'StartInterval'])

/** Go prints every field of this struct, given or not. */
const healthcheck = (given: PlainObject): PlainObject => ({
  Test: given.Test ?? null,
  ...Object.fromEntries([...DURATION_FIELDS].map((name) => [name, given[name] ?? 0])),
  Retries: given.Retries ?? 0,
})

function nilOf(name: string): unknown {
  if (DURATION_FIELDS.has(name)) return new GoDuration(0)
  if (name === 'Retries') return 0
  if (POINTER_FIELDS.has(name)) return new GoNil('pointer')
  if (!MAP_FIELDS.has(name)) return new GoNil('slice')
  const empty: PlainObject = {}
  goMaps.add(empty)
  nilMaps.add(empty)
  if (KEYED_BY_PORT.has(name)) portMaps.add(empty)
  return empty
}

/** Copies the inspected object's JSON as Go would decode it into its types: tells maps, durations and nils apart. */
export function typedFromApi(value: unknown, name = ''): unknown {
  if (value === null) return nilOf(name)
  if (typeof value === 'number' && DURATION_FIELDS.has(name)) return new GoDuration(value)
  if (Array.isArray(value)) return value.map((item: unknown) => typedFromApi(item, '#'))
  if (!isPlainObject(value)) return value
  const isMap = MAP_FIELDS.has(name)
  const keys = isMap ? Object.keys(value).sort() : Object.keys(value)
  const copy: PlainObject = Object.fromEntries(
    keys.map((key) => [key, typedFromApi(value[key], isMap ? '#' : key)]),
  )
  if (isMap) goMaps.add(copy)
  if (KEYED_BY_PORT.has(name)) portMaps.add(copy)
  if (name === 'Healthcheck') shown.set(copy, typedFromApi(healthcheck(value)) as PlainObject)
  return copy
}

/** Structs that print more fields than they encode. */
const shown = new WeakMap<object, PlainObject>()

/** Copies the engine's JSON with all objects as maps: Docker falls back to that when its types lack a field. */
export function rawFromApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rawFromApi)
  if (!isPlainObject(value)) return value
  const keys = Object.keys(value).sort()
  const copy: PlainObject = Object.fromEntries(keys.map((key) => [key, rawFromApi(value[key])]))
  goMaps.add(copy)
  rawMaps.add(copy)
  return copy
}

/** Maps whose values have no type. */
const rawMaps = new WeakSet<object>()
export const isRawMap = (value: object): boolean => rawMaps.has(value)

/** Copies the engine's JSON as Go would decode it into its types: tells the known maps from structs. */
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

/** Whether a value is true in Go's text/template: zero values, empty collections and nil are false. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  if (isGoMap(value)) return Object.keys(value as object).length > 0
  return !(isGoObject(value) && value.isZero === true)
}

/** Prints a value as fmt's `%v` does. */
export function goString(value: unknown, top = true): string {
  if (value === undefined) return '<no value>'
  if (value === null) return top ? '<no value>' : '<nil>'
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map((item) => goString(item, false)).join(' ')}]`
  if (isGoObject(value)) return value.text ?? goString(value.toJSON(), false)
  if (!isPlainObject(value)) return String(value)
  const items = Object.entries(shown.get(value) ?? value).map(
    ([key, item]) => [key, goString(item, false)] as const,
  )
  if (isGoMap(value)) return `map[${items.map(([key, text]) => `${key}:${text}`).join(' ')}]`
  return `{${items.map(([, text]) => text).join(' ')}}`
}

/** encoding/json escapes these characters in values that encode themselves. */
const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * Encodes a value as the `json` function does: as encoding/json without HTML escaping, except in rows of tables, which
 * encode themselves.
 */
export function goJson(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (isGoObject(value)) return escapeHtml(goJson(value.toJSON()))
  if (!isPlainObject(value)) return JSON.stringify(value)
  if (nilMaps.has(value)) return 'null'
  const kept = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${kept.map(([key, item]) => `${JSON.stringify(key)}:${goJson(item)}`).join(',')}}`
}
