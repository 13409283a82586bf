/** Parser directives: `# escape=…`, `# syntax=…`, `# check=…` before anything else, each once. */
import { EngineError } from '../../../../protocol/errors.ts'

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const KNOWN: ReadonlySet<string> = new Set(['syntax', 'escape', 'check'])

export class ParserDirectives {
  readonly #seen = new Set<string>()
  #over = false
  #escape = '\\'
  #continuation = continuationOf('\\')

  get escape(): string {
    return this.#escape
  }

  /** Matches a line that goes on; its first group is to be kept. */
  get continuation(): RegExp {
    return this.#continuation
  }

  /** Every line of the file goes through here; the first that is no directive ends them. `syntax` and `check` are BuildKit's. */
  line(text: string): void {
    if (this.#over) return
    const [, written = '', value = ''] = DIRECTIVE.exec(text) ?? []
    const name = written.toLowerCase()
    if (!KNOWN.has(name)) {
      this.#over = true
      return
    }
    if (this.#seen.has(name))
      throw new EngineError('invalid', `only one ${name} parser directive can be used`)
    this.#seen.add(name)
    if (name === 'escape') this.#setEscape(value)
  }

  #setEscape(value: string): void {
    if (value !== '`' && value !== '\\')
      throw new EngineError('invalid', `invalid escape token '${value}' does not match \` or \\`)
    this.#escape = value
    this.#continuation = continuationOf(value)
  }
}

/** The escape last on its line, unless another one stands before it. */
const continuationOf = (escape: string) =>
  new RegExp(`([^\\${escape}])\\${escape}[ \\t]*$|^\\${escape}[ \\t]*$`)
