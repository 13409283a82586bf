/** The untyped tree that a compose file is while it is merged, and the paths that rules name in it. */
import { GoFloat } from './go-scalars.ts'

export type Dict = Record<string, unknown>

export const isDict = (value: unknown): value is Dict =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof GoFloat)

export function copyTree<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => copyTree(item)) as T
  if (!isDict(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyTree(item)])) as T
}

/** Keys from the root; an element of a list is `[]`. */
export type TreePath = readonly string[]

export const pathText = (path: TreePath): string => path.join('.')

/** `services.*.ports.[]`: `*` matches any key. */
export function matchesPath(pattern: TreePath, path: TreePath): boolean {
  return pattern.length === path.length && pattern.every((part, at) => part === '*' || part === path[at])
}

/** Maps patterns of paths to rules; the first pattern that matches counts. */
export class PathTable<Rule> {
  readonly #rules: [TreePath, Rule][]

  constructor(rules: Record<string, Rule>) {
    this.#rules = Object.entries(rules).map(([pattern, rule]) => [pattern.split('.'), rule])
  }

  find(path: TreePath): Rule | undefined {
    return this.#rules.find(([pattern]) => matchesPath(pattern, path))?.[1]
  }
}

/** The type that Go's `%T` prints for a YAML value, as error messages name it. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  if (typeof value === 'bigint') return value < 2n ** 63n ? 'int' : 'uint64'
  if (value instanceof GoFloat) return 'float64'
  return 'map[string]interface {}'
}

/** Prints a scalar as Go's fmt.Sprint does. */
export const scalarText = (value: unknown): string =>
  value === null || value === undefined ? '<nil>' : String(value)

/** Compares by code units, as Go sorts strings. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const sortedKeys = (dict: Dict): string[] => Object.keys(dict).sort(byText)
