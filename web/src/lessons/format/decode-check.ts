/** From YAML to a Check: `container: {name: web, state: running}`, `file: /path`, `not: …`, a list of these for all. */
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import {
  COMPARISONS,
  conditionsOf,
  SUBJECTS,
  subjectTable,
  type Amount,
  type Check,
  type Condition,
  type FieldKind,
  type Matcher,
  type Subject,
} from './check.ts'
import { flag, list, script, text, type Decode, type Place } from './decoder.ts'
import { withLatest } from './with-latest.ts'

const MAX_CONDITIONS = 40
const AT_LEAST_ONE: Amount = { compare: '>=', value: 1 }
const NONE: Amount = { compare: '=', value: 0 }

export const check: Decode<Check> = (value, place) => {
  const decoded = anyCheck(value, place)
  if (decoded !== undefined && conditionsOf(decoded).length > MAX_CONDITIONS)
    return place.refuse(`a check has at most ${MAX_CONDITIONS} conditions`)
  return decoded
}

const anyCheck: Decode<Check> = (value, place) => {
  if (Array.isArray(value)) return group('all', value, place)
  const entries = isRecord(value) ? Object.entries(value) : []
  const [entry] = entries
  const known = [...Object.keys(SUBJECTS), 'all', 'any', 'not'].join(', ')
  if (entry === undefined || entries.length > 1)
    return place.refuse(`a check is a list of checks, or a mapping with one of ${known}`)
  const [kind, body] = entry
  const inner = place.at(kind)
  if (kind === 'all' || kind === 'any') return group(kind, body, inner)
  if (kind === 'not') {
    const of = anyCheck(body, inner)
    return of === undefined ? undefined : { kind, of }
  }
  return isSubject(kind)
    ? condition(kind, body, inner)
    : inner.refuse(`there is no such check: ${known} are known`)
}

const isSubject = (kind: string): kind is Subject => Object.hasOwn(SUBJECTS, kind)

function group(kind: 'all' | 'any', value: unknown, place: Place): Check | undefined {
  const of = list(anyCheck, MAX_CONDITIONS)(value, place)
  if (of?.length === 0) return place.refuse('a check of nothing holds never or always')
  return of === undefined ? undefined : { kind, of }
}

function condition(kind: Subject, value: unknown, place: Place): Condition | undefined {
  const table = subjectTable(kind)
  const body = isRecord(value) ? value : { [table.short]: value }
  const parts = new ConditionParts()
  for (const [key, given] of Object.entries(body)) {
    const at = isRecord(value) ? place.at(key) : place
    if (Object.hasOwn(table.query, key)) parts.query(kind, key, given, at)
    else if (Object.hasOwn(table.fields, key)) parts.field(key, table.fields[key]!, given, at)
    else if (key === 'count') parts.count = decodeAmount(given, at)
    else if (key === 'exists') parts.exists(given, at)
    else {
      const known = [...Object.keys(table.query), ...Object.keys(table.fields), 'count', 'exists'].join(', ')
      parts.refuse(at, `a ${kind} has no such field: ${known} are known`)
    }
  }
  for (const [key, need] of Object.entries(table.query))
    if (need === 'needed' && !Object.hasOwn(body, key)) parts.refuse(place.at(key), 'is needed')
  if (kind === 'cgroup' && Object.hasOwn(body, 'path') === Object.hasOwn(body, 'container'))
    parts.refuse(place, 'either a path or a container is needed')
  return parts.finish(kind)
}

/** A condition while its keys are read one by one. */
class ConditionParts {
  count: Amount | undefined = AT_LEAST_ONE
  readonly #query: Record<string, string> = {}
  readonly #fields: [string, Matcher][] = []
  #whole = true

  query(kind: Subject, key: string, value: unknown, place: Place): void {
    const decoded = queryPart(kind, key)(value, place)
    if (decoded === undefined) this.#whole = false
    else this.#query[key] = decoded
  }

  field(key: string, kind: FieldKind, value: unknown, place: Place): void {
    const matcher = matcherOf(kind, value, place)
    if (matcher === undefined) this.#whole = false
    else this.#fields.push([key, matcher])
  }

  exists(value: unknown, place: Place): void {
    const decoded = flag(value, place)
    this.count = decoded === undefined ? undefined : decoded ? AT_LEAST_ONE : NONE
  }

  refuse(place: Place, message: string): void {
    this.#whole = false
    place.refuse(message)
  }

  finish(kind: Subject): Condition | undefined {
    if (!this.#whole || this.count === undefined) return undefined
    const succeeds: [string, Matcher] = ['status', { kind: 'amount', amount: { compare: '=', value: 0 } }]
    const saysStatus = this.#fields.some(([field]) => field === 'status')
    const fields = kind === 'script' && !saysStatus ? [...this.#fields, succeeds] : this.#fields
    return { kind, query: this.#query, fields, count: this.count }
  }
}

const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** The parts of a query by name, or by subject and name where the name means several things. */
const QUERY_PARTS: Record<string, Decode<string>> = {
  run: script,
  in: text({ max: 128, pattern: CONTAINER_NAME, wanted: 'a container’s name' }),
  container: text({ max: 128, pattern: CONTAINER_NAME, wanted: 'a container’s name' }),
  file: text({ max: 64, pattern: /^[a-z]+\.[a-z0-9._]+$/, wanted: 'a control group’s file' }),
  key: text({ max: 64, pattern: /^[a-z0-9_:.-]+$/, wanted: 'a key of the file' }),
  host: text({ max: 128, pattern: /^[a-z0-9.-]+$/, wanted: 'a host name' }),
  'file.path': text({ max: 1_000, pattern: /^\/[^\n]*$/, wanted: 'an absolute path' }),
  'cgroup.path': text({
    max: 1_000,
    pattern: /^(?!.*\.\.)[\w.-]+(?:\/[\w.-]+)*$/,
    wanted: 'a path below /sys/fs/cgroup',
  }),
  'http.path': text({ max: 1_000, pattern: /^\/[^\s]*$/, wanted: 'a path that begins with /' }),
  port: (value, place) =>
    typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536
      ? String(value)
      : place.refuse('a port is a whole number from 1 to 65535'),
}

const queryPart = (kind: Subject, key: string): Decode<string> =>
  QUERY_PARTS[`${kind}.${key}`] ?? QUERY_PARTS[key]!

const glob = text({ min: 0, max: 1_000 })
/** A number may be meant as a text: `labels: [version=1]` is one, `command: 8080` another. */
const globOrNumber: Decode<string> = (value, place) =>
  glob(typeof value === 'number' ? String(value) : value, place)

function matcherOf(kind: FieldKind, value: unknown, place: Place): Matcher | undefined {
  switch (kind) {
    case 'text': {
      const decoded = globOrNumber(value, place)
      return decoded === undefined ? undefined : { kind, glob: decoded }
    }
    case 'reference': {
      const decoded = glob(value, place)
      return decoded === undefined ? undefined : { kind: 'text', glob: withLatest(decoded) }
    }
    case 'texts': {
      const globs = list(globOrNumber, 20)(Array.isArray(value) ? value : [value], place)
      return globs === undefined ? undefined : { kind, globs }
    }
    case 'amount': {
      const amount = decodeAmount(value, place)
      return amount === undefined ? undefined : { kind, amount }
    }
    case 'flag': {
      const decoded = flag(value, place)
      return decoded === undefined ? undefined : { kind, value: decoded }
    }
  }
}

const AMOUNT = new RegExp(
  `^(${[...COMPARISONS].sort((a, b) => b.length - a.length).join('|')})?\\s*(-?\\d+(?:\\.\\d+)?)([kmg]?)$`,
)
const UNITS: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/** `3`, `>= 3`, `!= 0`, `<= 32m` (k, m and g as Docker has them). */
const decodeAmount: Decode<Amount> = (value, place) => {
  const [, compare, digits, unit] = AMOUNT.exec(String(value)) ?? []
  if (digits === undefined || !['number', 'string'].includes(typeof value))
    return place.refuse('a number is wanted, with a comparison before it or without: 3, >= 3, != 0, <= 32m')
  const known = COMPARISONS.find((word) => word === compare) ?? '='
  return { compare: known, value: Number(digits) * UNITS[unit!]! }
}
