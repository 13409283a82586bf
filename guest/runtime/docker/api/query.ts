/** A request's query, read as dockerd reads it (api/server/httputils/form.go). */
import { EngineError } from '../../../protocol/errors.ts'
import type { Filters } from '../../../protocol/api/engine-api.ts'
import { parseFilters } from '../../../vocabulary/filters.ts'

const FALSE: ReadonlySet<string> = new Set(['', '0', 'no', 'false', 'none'])

export class Query {
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  static parse(text: string): Query {
    const values = new Map<string, string[]>()
    for (const [key, value] of new URLSearchParams(text)) values.set(key, [...(values.get(key) ?? []), value])
    return new Query(values)
  }

  static of(record: Record<string, string | number | boolean | readonly string[] | undefined>): Query {
    const values = new Map<string, readonly string[]>()
    for (const [key, value] of Object.entries(record))
      if (value !== undefined) values.set(key, typeof value === 'object' ? value : [String(value)])
    return new Query(values)
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  /** Empty when absent. */
  text(key: string): string {
    return this.#values.get(key)?.[0] ?? ''
  }

  all(key: string): readonly string[] {
    return this.#values.get(key) ?? []
  }

  flag(key: string, whenAbsent = false): boolean {
    return this.#values.has(key) ? !FALSE.has(this.text(key).trim().toLowerCase()) : whenAbsent
  }

  /** undefined when absent or empty; throws `invalid` when it is no whole number. */
  integer(key: string): number | undefined {
    const text = this.text(key)
    if (text === '') return undefined
    if (!/^-?\d+$/.test(text))
      throw new EngineError('invalid', `invalid value "${text}" for ${key}: it must be a whole number`, {
        [key]: text,
      })
    return Number(text)
  }

  filters(): Filters {
    return parseFilters(this.text('filters'))
  }

  /** The terminal size of `?h=…&w=…`. */
  size(): { rows: number; columns: number } {
    const read = (key: 'h' | 'w', name: string) => {
      const text = this.text(key)
      if (!/^\d+$/.test(text))
        throw new EngineError('invalid', `invalid resize ${name} "${text}"`, { [key]: text })
      return Number(text)
    }
    return { rows: read('h', 'height'), columns: read('w', 'width') }
  }
}
