/**
 * Decodes request bodies from `unknown` into types, by the rules of Go's encoding/json: unknown fields are dropped,
 * names are matched in any case, a null leaves a field as it is, and the error of a mismatch has Go's words
 * (UnmarshalTypeError).
 */
import { EngineError } from '../../../../protocol/errors.ts'

/** Where a value stands. A request has a hundred values and hardly ever a wrong one, so only an error spells it out. */
interface Place {
  /** The innermost struct. */
  struct: string
  /** Where the struct stands; undefined for the body itself. */
  outer: Place | undefined
  /** The fields from the struct down to the value. */
  fields: readonly string[]
}

const TOP: Place = { struct: '', outer: undefined, fields: [] }

const pathOf = ({ outer, fields }: Place): string[] =>
  outer === undefined ? [...fields] : [...pathOf(outer), ...fields]

export interface GoType<T> {
  /** Go's name of the type, for errors. */
  readonly goName: string
  /** The value that a null becomes where there must be a value: in a list or a map. */
  zero(): T
  /**
   * Decodes a value that is not null.
   * @throws EngineError `invalid` in Go's words
   */
  decode(value: unknown, place: Place): T
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}

function mismatch(what: string, goName: string, place: Place): EngineError {
  const path = pathOf(place)
  const where = path.length > 0 ? `struct field ${[place.struct, ...path].join('.')}` : 'value'
  return new EngineError('invalid', `json: cannot unmarshal ${what} into Go ${where} of type ${goName}`, {
    path: path.join('.'),
  })
}

/** A string type. A type that has its own name in Go may have a narrower type here: the user of the value checks it. */
export const text = <T extends string = string>(goName = 'string'): GoType<T> => ({
  goName,
  zero: () => '' as T,
  decode(value, place) {
    if (typeof value !== 'string') throw mismatch(kindOf(value), goName, place)
    return value as T
  },
})

export const flag: GoType<boolean> = {
  goName: 'bool',
  zero: () => false,
  decode(value, place) {
    if (typeof value !== 'boolean') throw mismatch(kindOf(value), 'bool', place)
    return value
  },
}

const RANGES = {
  int: [-(2 ** 63), 2 ** 63],
  int64: [-(2 ** 63), 2 ** 63],
  'time.Duration': [-(2 ** 63), 2 ** 63],
  uint: [0, 2 ** 64],
  uint16: [0, 2 ** 16 - 1],
  uint64: [0, 2 ** 64],
  'fs.FileMode': [0, 2 ** 32 - 1],
} as const

export const integer = (goName: keyof typeof RANGES = 'int64'): GoType<number> => ({
  goName,
  zero: () => 0,
  decode(value, place) {
    if (typeof value !== 'number') throw mismatch(kindOf(value), goName, place)
    const [least, most] = RANGES[goName]
    if (!Number.isInteger(value) || value < least || value > most)
      throw mismatch(`number ${value}`, goName, place)
    return value
  },
})

export const list = <T>(item: GoType<T>): GoType<T[]> => ({
  goName: `[]${item.goName}`,
  zero: () => [],
  decode(value, place) {
    if (!Array.isArray(value)) throw mismatch(kindOf(value), `[]${item.goName}`, place)
    return value.map((one: unknown) => (one === null ? item.zero() : item.decode(one, place)))
  },
})

/** A Go array of fixed length: missing values are zero, and those beyond its length are dropped. */
export const pair = (item: GoType<number>): GoType<[number, number]> => ({
  goName: `[2]${item.goName}`,
  zero: () => [0, 0],
  decode(value, place) {
    if (!Array.isArray(value)) throw mismatch(kindOf(value), `[2]${item.goName}`, place)
    const [first = 0, second = 0] = list(item).decode(value.slice(0, 2), place)
    return [first, second]
  },
})

export const map = <T>(item: GoType<T>, key = 'string'): GoType<Record<string, T>> => {
  const goName = `map[${key}]${item.goName}`
  return {
    goName,
    zero: () => ({}),
    decode(value, place) {
      if (kindOf(value) !== 'object') throw mismatch(kindOf(value), goName, place)
      return Object.fromEntries(
        Object.entries(value as object).map(([name, one]: [string, unknown]) => [
          name,
          one === null ? item.zero() : item.decode(one, place),
        ]),
      )
    },
  }
}

/** A Go pointer, for values of a list or a map: a null stays null. */
export const pointer = <T>({ goName, decode }: GoType<T>): GoType<T | null> => ({
  goName,
  zero: () => null,
  decode,
})

/** Go's `struct{}`, the value that Go's sets have for each of their keys. */
export const nothing: GoType<Record<string, never>> = {
  goName: 'struct {}',
  zero: () => ({}),
  decode(value, place) {
    if (kindOf(value) !== 'object') throw mismatch(kindOf(value), 'struct {}', place)
    return {}
  },
}

/** Docker's strslice: a list of words, or one word. */
export const words: GoType<string | string[]> = {
  goName: 'strslice.StrSlice',
  zero: () => [],
  decode(value, place) {
    if (typeof value === 'string') return value
    return Array.isArray(value) ? list(text()).decode(value, place) : text().decode(value, place)
  },
}

/** The fields of a Go struct, by the names that JSON has for them. */
export type Fields<T> = { readonly [K in keyof T]-?: GoType<NonNullable<T[K]>> }

interface Field {
  type: GoType<unknown>
  path: readonly string[]
  name: string
}

/** @param embedded the fields of embedded structs, by the struct's name */
export function struct<T extends object>(
  goName: string,
  fields: Partial<Fields<T>>,
  embedded: Readonly<Record<string, Partial<Fields<T>>>> = {},
): GoType<Partial<T>> {
  const name = goName.slice(goName.lastIndexOf('.') + 1)
  const known = new Map<string, Field>()
  const add = (outer: readonly string[], own: Partial<Fields<T>>) => {
    for (const [key, type] of Object.entries<GoType<unknown> | undefined>(own)) {
      if (!type) continue
      const field = { type, path: [...outer, key], name: key }
      known.set(key, field)
      known.set(key.toLowerCase(), field)
    }
  }
  add([], fields)
  for (const [outer, own] of Object.entries(embedded)) add([outer], own)
  return {
    goName,
    zero: () => ({}),
    decode(value, place) {
      if (kindOf(value) !== 'object') throw mismatch(kindOf(value), goName, place)
      const given = value as Record<string, unknown>
      const result: Record<string, unknown> = {}
      for (const key of Object.keys(given)) {
        const one = given[key]
        if (one === null || one === undefined) continue
        const field = known.get(key) ?? known.get(key.toLowerCase())
        if (!field) continue
        result[field.name] = field.type.decode(one, { struct: name, outer: place, fields: field.path })
      }
      return result as Partial<T>
    },
  }
}

/** Decodes a whole body. Throws `invalid` in Go's words. */
export function decodeJson<T>(type: GoType<T>, value: unknown): T {
  return value === null || value === undefined ? type.zero() : type.decode(value, TOP)
}
