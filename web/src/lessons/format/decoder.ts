/**
 * Decoders: from the untyped values of a YAML file to typed ones. A decoder that finds something wrong reports it with the
 * path of the field and answers undefined, and the others go on, so that an author reads of all faults at once.
 */
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import { hiddenCharacter } from '../markdown/hidden-characters.ts'

export type Path = readonly (string | number)[]

/** Where a value is, and who is told of faults. */
export class Place {
  readonly path: Path
  readonly #report: (path: Path, message: string) => void

  constructor(report: (path: Path, message: string) => void, path: Path = []) {
    this.#report = report
    this.path = path
  }

  at(key: string | number): Place {
    return new Place(this.#report, [...this.path, key])
  }

  refuse(message: string): undefined {
    this.#report(this.path, message)
    return undefined
  }
}

/** Undefined when the value was refused. */
export type Decode<T> = (value: unknown, place: Place) => T | undefined

/** `tasks[0].check` */
export const pathText = (path: Path): string =>
  path.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('')

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'a mapping'
  return typeof value === 'string' ? `“${value.slice(0, 60)}”` : String(value)
}

const wrongKind = (place: Place, wanted: string, value: unknown): undefined =>
  place.refuse(`${wanted} is wanted, not ${kindOf(value)}`)

export interface TextOptions {
  /** Characters. */
  min?: number
  max?: number
  pattern?: RegExp
  /** What a text that does not match the pattern is not: `an id of a-z, 0-9 and -`. */
  wanted?: string
}

export const text =
  ({ min = 1, max = 200, pattern, wanted = 'a text' }: TextOptions = {}): Decode<string> =>
  (value, place) => {
    if (typeof value !== 'string') return wrongKind(place, wanted, value)
    if (value.length < min || value.length > max)
      return place.refuse(`a text of ${min} to ${max} characters is wanted`)
    const hidden = hiddenCharacter(value)
    if (hidden !== undefined) return place.refuse(`the character ${hidden.name} does not show what it does`)
    if (pattern !== undefined && !pattern.test(value)) return wrongKind(place, wanted, value)
    return value
  }

/** The id of a task, a step, a terminal: also a part of addresses. */
export const id = text({
  max: 64,
  pattern: /^[a-z][a-z0-9-]*$/,
  wanted: 'an id (a-z, then a-z, 0-9 and -)',
})

/** A shell script; long ones are files of an image. */
export const script = text({ max: 8_000, wanted: 'a script' })

export const flag: Decode<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : wrongKind(place, 'true or false', value)

export const whole =
  (min: number, max: number): Decode<number> =>
  (value, place) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : wrongKind(place, `a whole number from ${min} to ${max}`, value)

export const word =
  <Word extends string>(words: readonly Word[]): Decode<Word> =>
  (value, place) =>
    words.find((known) => known === value) ?? wrongKind(place, `one of ${words.join(', ')}`, value)

export const list =
  <T>(item: Decode<T>, max: number): Decode<T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) return wrongKind(place, 'a list', value)
    if (value.length > max) return place.refuse(`at most ${max} entries are allowed`)
    const items = (value as unknown[]).map((entry, at) => item(entry, place.at(at)))
    return items.some((entry) => entry === undefined) ? undefined : (items as T[])
  }

/** A list of things with an id each; an id may be there once. */
export const listById =
  <T extends { id: string }>(item: Decode<T>, max: number): Decode<T[]> =>
  (value, place) => {
    const items = list(item, max)(value, place)
    items?.forEach(({ id }, at) => {
      if (items.findIndex((other) => other.id === id) < at)
        place.at(at).at('id').refuse(`“${id}” is there twice`)
    })
    return items
  }

export interface Field<T> {
  decode: Decode<T>
  /** The value of a field that is not there; one without this must be there. */
  missing?: { value: T }
}

export const required = <T>(decode: Decode<T>): Field<T> => ({ decode })
export const optional = <T>(decode: Decode<T>): Field<T | undefined> => ({
  decode,
  missing: { value: undefined },
})
export const otherwise = <T>(decode: Decode<T>, value: T): Field<T> => ({ decode, missing: { value } })

/** A mapping of exactly these fields. */
export const record =
  <T extends object>(fields: { [Key in keyof T]-?: Field<T[Key]> }): Decode<T> =>
  (value, place) => {
    if (!isRecord(value)) return wrongKind(place, 'a mapping', value)
    const names = Object.keys(fields) as (keyof T & string)[]
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(fields, key))
    for (const key of unknown) place.at(key).refuse(`there is no such field: ${names.join(', ')} are known`)
    let whole = unknown.length === 0
    const entries = names.map((name) => {
      const decoded = member(fields[name], value, name, place)
      whole &&= decoded !== undefined
      return [name, decoded?.value]
    })
    return whole ? (Object.fromEntries(entries) as T) : undefined
  }

function member<T>(
  { decode, missing }: Field<T>,
  value: Record<string, unknown>,
  name: string,
  place: Place,
): { value: T } | undefined {
  if (!Object.hasOwn(value, name)) {
    if (missing === undefined) place.at(name).refuse('is needed')
    return missing
  }
  const decoded = decode(value[name], place.at(name))
  return decoded === undefined ? undefined : { value: decoded }
}
