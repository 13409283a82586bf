/** A request's query, read as dockerd reads it (api/server/httputils/form.go). */
import { EngineError } from '../../../protocol/errors.ts'
import type { Filters } from '../../../protocol/api/engine-api.ts'
import { parseFilters } from '../../../vocabulary/filters.ts'
import { parseError, parseInteger, parseUint32 } from './go-numbers.ts'

const FALSE: ReadonlySet<string> = new Set(['', '0', 'no', 'false', 'none'])

export class Query {
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /** Reads a query string. Throws `invalid` in the words of Go's net/url. */
  static parse(text: string): Query {
    const escape = /%(?![0-9a-f]{2}).{0,2}/is.exec(text)?.[0]
    if (escape !== undefined)
      throw new EngineError('invalid', `invalid URL escape ${JSON.stringify(escape)}`, { query: text })
    if (text.includes(';'))
      throw new EngineError('invalid', 'invalid semicolon separator in query', { query: text })
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

  /** Reads an integer; undefined when absent or empty. Throws Go's error as `internal`, as dockerd answers it with 500. */
  integer(key: string, call = 'Atoi'): number | undefined {
    return this.text(key) === '' ? undefined : this.requiredInteger(key, call)
  }

  requiredInteger(key: string, call = 'Atoi'): number {
    const text = this.text(key)
    const number = parseInteger(text)
    if ('value' in number) return number.value
    throw new EngineError('internal', parseError(call, text, number.error), { [key]: text })
  }

  filters(): Filters {
    return parseFilters(this.text('filters'))
  }

  /** The terminal size of `?h=…&w=…`. */
  size(): { rows: number; columns: number } {
    const read = (key: 'h' | 'w', name: string) => {
      const text = this.text(key)
      const number = parseUint32(text)
      if ('value' in number) return number.value
      const message = `invalid resize ${name} ${JSON.stringify(text)}: ${number.error}`
      throw new EngineError('invalid', message, { [key]: text })
    }
    return { rows: read('h', 'height'), columns: read('w', 'width') }
  }
}
