/** The functions of a template: Go's builtins (text/template, Functions) and those Docker adds (docker/cli `templates`). */
import { GoDuration, GoNil } from './go-types.ts'
import { sprintf } from './printf.ts'
import { goJson, goString, isGoObject, isPlainObject, isPortMap, isRawMap, isTrue } from './values.ts'

export type TemplateFunction = (...args: unknown[]) => unknown

function textArgument(value: unknown, name: string): string {
  if (typeof value !== 'string')
    throw new Error(`wrong type for value; expected string; got ${typeName(value)} (${name})`)
  return value
}

export function typeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (isGoObject(value)) return value.goType
  if (isPlainObject(value)) return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function basicKind(value: unknown): string {
  if (value === null || value === undefined) return 'nil'
  return typeof value
}

/** A duration compares as the integer that it is. */
const comparable = (value: unknown): unknown => (value instanceof GoDuration ? value.toJSON() : value)

function equal(first: unknown, ...others: unknown[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison')
  first = comparable(first)
  return others.map(comparable).some((other) => {
    if (basicKind(first) === 'nil' || basicKind(other) === 'nil') return basicKind(first) === basicKind(other)
    if (typeof first === 'object' || typeof other === 'object') throw new Error('non-comparable types')
    if (typeof first !== typeof other) throw new Error('incompatible types for comparison')
    return first === other
  })
}

function less(one: unknown, other: unknown): boolean {
  const [first, second] = [comparable(one), comparable(other)]
  if (typeof first === 'number' && typeof second === 'number') return first < second
  if (typeof first === 'string' && typeof second === 'string') return first < second
  throw new Error(
    typeof first === typeof second ? 'invalid type for comparison' : 'incompatible types for comparison',
  )
}

function index(item: unknown, ...keys: unknown[]): unknown {
  return keys.reduce((value, key) => {
    if (Array.isArray(value) || typeof value === 'string') {
      if (typeof key !== 'number') throw new Error(`cannot index slice/array with type ${typeName(key)}`)
      if (key < 0 || key >= value.length) {
        throw new Error(`error calling index: reflect: slice index out of range`)
      }
      return value[key] as unknown
    }
    if (isPlainObject(value)) {
      if (isPortMap(value)) throw new Error('value has type string; should be nat.Port')
      return Object.hasOwn(value, String(key)) ? value[String(key)] : isRawMap(value) ? undefined : ''
    }
    if (value === null || value === undefined) throw new Error('index of untyped nil')
    throw new Error(`error calling index: can't index item of type ${typeName(value)}`)
  }, item)
}

function length(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length
  if (Array.isArray(value)) return value.length
  if (isPlainObject(value)) return Object.keys(value).length
  if (value instanceof GoNil && value.text === '[]') return 0
  throw new Error(`error calling len: len of type ${typeName(value)}`)
}

function slice(value: unknown, from: unknown = 0, to?: unknown): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw new Error(`error calling slice: can't slice item of type ${typeName(value)}`)
  }
  return value.slice(Number(from), to === undefined ? undefined : Number(to))
}

/** Prints as fmt.Sprint: with a space between operands when neither is a string. */
function print(...values: unknown[]): string {
  return values
    .map((value, at) => {
      const spaced = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string'
      return (spaced ? ' ' : '') + goString(value)
    })
    .join('')
}

const HTML: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;' }

export const FUNCTIONS: Record<string, TemplateFunction> = {
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
  not: (value) => !isTrue(value),
  eq: equal,
  ne: (first, second) => !equal(first, second),
  lt: less,
  le: (first, second) => less(first, second) || equal(first, second),
  gt: (first, second) => !less(first, second) && !equal(first, second),
  ge: (first, second) => !less(first, second),
  index,
  len: length,
  slice,
  print,
  printf: (format, ...values) => sprintf(textArgument(format, 'printf'), values),
  println: (...values) => `${values.map((value) => goString(value)).join(' ')}\n`,
  html: (...values) => print(...values).replace(/[<>&"']/g, (char) => HTML[char]!),
  js: (...values) => JSON.stringify(print(...values)).slice(1, -1),
  urlquery: (...values) => encodeURIComponent(print(...values)).replace(/%20/g, '+'),
  json: (value) => goJson(value),
  split: (text, separator) => textArgument(text, 'split').split(textArgument(separator, 'split')),
  join: (list, separator) => {
    if (!Array.isArray(list))
      throw new Error(`wrong type for value; expected []string; got ${typeName(list)}`)
    return list.join(textArgument(separator, 'join'))
  },
  title: (text) =>
    textArgument(text, 'title').replace(
      /(^|[^\p{L}\p{N}'_])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  lower: (text) => textArgument(text, 'lower').toLowerCase(),
  upper: (text) => textArgument(text, 'upper').toUpperCase(),
  pad: (text, before, after) => {
    const content = textArgument(text, 'pad')
    return content === '' ? '' : ' '.repeat(Number(before)) + content + ' '.repeat(Number(after))
  },
  truncate: (text, width) => textArgument(text, 'truncate').slice(0, Number(width)),
}

export const FUNCTION_NAMES: ReadonlySet<string> = new Set(Object.keys(FUNCTIONS))

/** These functions leave a column's title in the header line as it is. */
const identity: TemplateFunction = (value) => value
export const HEADER_FUNCTIONS: Record<string, TemplateFunction> = {
  ...FUNCTIONS,
  json: identity,
  split: identity,
  join: identity,
  title: identity,
  lower: identity,
  upper: identity,
  truncate: identity,
}
