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

  /** Matches a line that goes on; its first group is the text without the continuation character. */
  get continuation(): RegExp {
    return this.#continuation
  }

  /**
   * Takes every line of the file in turn; the first line that is no directive ends the directives. `syntax` and `check`
   * are for BuildKit.
   */
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

/** Matches an escape at the end of its line, unless another one stands before it. */
const continuationOf = (escape: string) =>
  new RegExp(`([^\\${escape}])\\${escape}[ \\t]*$|^\\${escape}[ \\t]*$`)
