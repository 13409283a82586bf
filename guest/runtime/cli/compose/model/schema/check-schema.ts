/**
 * The part of JSON Schema that the Compose specification needs, with the sentences of the validator that Compose uses
 * (xeipuuv/gojsonschema) and its choice of the one error to show: the deepest in the tree.
 */
import { ModelError } from '../compose-error.ts'
import { GoFloat } from '../yaml/go-scalars.ts'
import { goJsonText } from '../yaml/print-json.ts'
import { isDict, sortedKeys, type Dict } from '../yaml/tree.ts'

export type SchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object'

export interface Schema {
  types?: readonly SchemaType[]
  enum?: readonly string[]
  minimum?: number
  maximum?: number
  items?: Schema
  unique?: boolean
  properties?: Readonly<Record<string, Schema>>
  patterns?: readonly (readonly [RegExp, Schema])[]
  /** Refuses properties that the schema does not name. */
  closed?: boolean
  required?: readonly string[]
  oneOf?: readonly Schema[]
}

interface Problem {
  kind: 'type' | 'oneOf' | 'other'
  /** The path from the root: `services.web`. */
  field: string
  description: string
}

/**
 * The problems of a value, and its nearness to the schema: of a `oneOf`, the alternative with the highest score was
 * meant. The validator adds 1 for each step and takes 2 away for a problem.
 */
interface Result {
  problems: Problem[]
  score: number
}

const fieldName = (path: readonly string[]): string => (path.length === 0 ? '(root)' : path.join('.'))

function typeOf(value: unknown): SchemaType {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'bigint') return 'integer'
  if (typeof value === 'number' || value instanceof GoFloat)
    return Number.isInteger(Number(value)) ? 'integer' : 'number'
  return 'object'
}

const humanType = (type: SchemaType): string =>
  type === 'object' ? 'mapping' : type === 'array' ? 'list' : type

function humanTypes(types: readonly SchemaType[]): string {
  const names = types.map(humanType)
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}`
}

class Checker {
  readonly result: Result = { problems: [], score: 0 }

  #fail(kind: Problem['kind'], path: readonly string[], description: string): void {
    this.result.problems.push({ kind, field: fieldName(path), description })
    this.result.score -= 2
  }

  #merge(other: Result): void {
    this.result.problems.push(...other.problems)
    this.result.score += other.score
  }

  check(schema: Schema, value: unknown, path: readonly string[]): void {
    const type = typeOf(value)
    const { types } = schema
    if (types !== undefined && !types.includes(type) && !(type === 'integer' && types.includes('number'))) {
      return this.#fail('type', path, `must be a ${humanTypes(types)}`)
    }
    if (schema.oneOf !== undefined) this.#checkOneOf(schema.oneOf, value, path)
    if (Array.isArray(value)) this.#checkList(schema, value, path)
    else if (isDict(value)) this.#checkDict(schema, value, path)
    else if (['integer', 'number'].includes(type)) this.#checkNumber(schema, Number(value), path)
    this.#checkEnum(schema, value, path)
    this.result.score += type === 'null' || type === 'boolean' ? 3 : 4
  }

  #checkOneOf(schemas: readonly Schema[], value: unknown, path: readonly string[]): void {
    let valid = 0
    let best: Result | undefined
    for (const schema of schemas) {
      const result = checked(schema, value, path)
      if (result.problems.length === 0) valid += 1
      else if (valid === 0 && (best === undefined || result.score > best.score)) best = result
    }
    if (valid === 1) return
    this.#fail('oneOf', path, 'Must validate one and only one schema (oneOf)')
    if (valid === 0 && best !== undefined) this.#merge(best)
  }

  #checkList({ items, unique }: Schema, list: readonly unknown[], path: readonly string[]): void {
    if (items !== undefined) {
      list.forEach((item, at) => this.#merge(checked(items, item, [...path, String(at)])))
    }
    if (unique !== true) return
    const seen = new Map<string, number>()
    list.forEach((item, at) => {
      const key = goJsonText(item)
      const first = seen.get(key)
      if (first !== undefined) this.#fail('other', path, `array items[${first},${at}] must be unique`)
      else seen.set(key, at)
    })
  }

  #checkDict(schema: Schema, dict: Dict, path: readonly string[]): void {
    for (const name of schema.required ?? []) {
      if (name in dict) this.result.score += 1
      else this.#fail('other', path, `${name} is required`)
    }
    for (const key of sortedKeys(dict)) {
      const known = schema.properties !== undefined && Object.hasOwn(schema.properties, key)
      const matching = (schema.patterns ?? []).filter(([pattern]) => pattern.test(key))
      if (schema.closed === true && !known && matching.length === 0)
        this.#fail('other', path, `Additional property ${key} is not allowed`)
      for (const [, pattern] of matching) this.#merge(checked(pattern, dict[key], [...path, key]))
    }
    for (const key of sortedKeys(dict)) {
      const property = schema.properties?.[key]
      if (property !== undefined) this.check(property, dict[key], [...path, key])
    }
  }

  #checkNumber({ minimum, maximum }: Schema, value: number, path: readonly string[]): void {
    if (minimum !== undefined && value < minimum)
      this.#fail('other', path, `Must be greater than or equal to ${minimum}`)
    if (maximum !== undefined && value > maximum)
      this.#fail('other', path, `Must be less than or equal to ${maximum}`)
  }

  #checkEnum({ enum: words }: Schema, value: unknown, path: readonly string[]): void {
    if (words === undefined || (typeof value === 'string' && words.includes(value))) return
    const allowed = words.map((word) => JSON.stringify(word)).join(', ')
    this.#fail('other', path, `${fieldName(path)} must be one of the following: ${allowed}`)
  }
}

function checked(schema: Schema, value: unknown, path: readonly string[]): Result {
  const checker = new Checker()
  checker.check(schema, value, path)
  return checker.result
}

const depth = ({ field }: Problem): number => field.split('.').length

/** The deepest problem; among equals the first, but a wrong type before all others. */
function mostSpecific(problems: readonly Problem[]): number {
  let best = 0
  problems.forEach((problem, at) => {
    const current = problems[best]!
    const deeper = depth(problem) > depth(current)
    const clearer = depth(problem) === depth(current) && problem.kind === 'type' && current.kind !== 'type'
    if (deeper || clearer) best = at
  })
  return best
}

/** Compose hands the tree to its validator as JSON, which cannot write infinities and NaN. */
function checkNumbers(value: unknown): void {
  if (value instanceof GoFloat && !Number.isFinite(value.value))
    throw new ModelError(`json: unsupported value: ${value}`)
  if (Array.isArray(value)) value.forEach(checkNumbers)
  else if (isDict(value)) for (const key of sortedKeys(value)) checkNumbers(value[key])
}

/** @throws ModelError `services.web Additional property foo is not allowed` */
export function checkSchema(schema: Schema, value: unknown): void {
  checkNumbers(value)
  const { problems } = checked(schema, value, [])
  if (problems.length === 0) return
  const at = mostSpecific(problems)
  const problem = problems[at]!
  // The problem of the nearest alternative says more than that no alternative fits.
  const shown = problem.kind === 'oneOf' ? (problems[at + 1] ?? problem) : problem
  throw new ModelError(`${problem.field} ${shown.description}`)
}
