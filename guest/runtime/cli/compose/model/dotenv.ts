/** `.env` and `env_file` files, as compose-go's dotenv package reads them. */
import { ModelError } from './compose-error.ts'
import { substitute, type Lookup, type OnUnset } from './template.ts'

const isSpace = (char: string): boolean => '\t\v\f\r \u0085\u00a0'.includes(char)

/** Expands Go's escapes within double quotes; doubles `$`, so that the substitution that follows leaves it. */
function expandEscapes(text: string): string {
  const named: Record<string, string> = {
    ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
    ...{ '"': '"', '\\': '\\', $: '$$' },
  }
  return text.replace(/\\(?:([abfnrtv$"\\])|0(\d{3}))/g, (whole, letter?: string, octal?: string) => {
    if (letter !== undefined) return named[letter]!
    const code = parseInt(octal!, 8)
    return Number.isNaN(code) || code > 255 ? whole : String.fromCharCode(code)
  })
}

class EnvParser {
  readonly values: Record<string, string> = {}
  #rest: string
  #line = 1
  readonly #lookup: Lookup
  readonly #onUnset: OnUnset

  constructor(text: string, lookup: Lookup, onUnset: OnUnset) {
    this.#rest = text
    this.#lookup = lookup
    this.#onUnset = onUnset
  }

  parse(): Record<string, string> {
    while (this.#skipToStatement()) {
      const { name, inherited } = this.#readName()
      if (name.includes(' ')) throw new ModelError(`line ${this.#line}: key cannot contain a space`)
      if (!inherited) this.values[name] = this.#readValue()
      else {
        const value = this.#lookup(name)
        if (value !== undefined) this.values[name] = value
      }
    }
    return this.values
  }

  #skipToStatement(): boolean {
    for (;;) {
      const spaces = /^\s*/.exec(this.#rest)![0]
      this.#line += spaces.split('\n').length - 1
      this.#rest = this.#rest.slice(spaces.length)
      if (this.#rest === '') return false
      if (!this.#rest.startsWith('#')) return true
      const end = this.#rest.indexOf('\n')
      if (end < 0) return false
      this.#rest = this.#rest.slice(end)
    }
  }

  #readName(): { name: string; inherited: boolean } {
    let text = this.#rest
    if (/^export\s+/.test(text)) text = text.slice('export'.length).replace(/^[\t\v\f\r \u0085\u00a0]+/, '')
    let end = 0
    for (; end < text.length; end += 1) {
      const char = text[end]!
      if (isSpace(char)) continue
      if ('=:\n'.includes(char)) break
      if (/[_.\-[\]\p{L}\p{N}]/u.test(char)) continue
      const line = JSON.stringify(text.split('\n')[0])
      throw new ModelError(
        `line ${this.#line}: unexpected character ${JSON.stringify(char)} in variable name ${line}`,
      )
    }
    const found = end < text.length
    const inherited = found ? text[end] === '\n' : true
    const name = text.slice(0, end).trimEnd()
    if (inherited && !name.includes(' ')) this.#line += 1
    this.#rest = text.slice(found ? end + 1 : end).replace(/^[\t\v\f\r \u0085\u00a0]+/, '')
    return { name, inherited }
  }

  #expand(text: string): string {
    return substitute(text, (name) => this.#lookup(name) ?? this.values[name], this.#onUnset)
  }

  #readValue(): string {
    const quote = this.#rest[0]
    if (quote !== '"' && quote !== "'") {
      const end = this.#rest.indexOf('\n')
      const line = end < 0 ? this.#rest : this.#rest.slice(0, end)
      this.#rest = end < 0 ? '' : this.#rest.slice(end + 1)
      this.#line += 1
      return this.#expand(line.split(' #')[0]!.trimEnd())
    }
    const text = this.#readQuoted(quote)
    return quote === '"' ? this.#expand(expandEscapes(text)) : text
  }

  #readQuoted(quote: string): string {
    let text = ''
    for (let at = 1; at < this.#rest.length; at += 1) {
      const char = this.#rest[at]!
      if (char === '\n') this.#line += 1
      if (char === quote) {
        this.#rest = this.#rest.slice(at + 1)
        return text
      }
      if (char === '\\' && at + 1 < this.#rest.length) {
        at += 1
        const next = this.#rest[at]!
        text += next === quote ? next : char + next
      } else text += char
    }
    const line = this.#rest.split('\n')[0]!
    throw new ModelError(`line ${this.#line}: unterminated quoted value ${line}`)
  }
}

/** @throws ModelError naming the line */
export const parseEnvFile = (text: string, lookup: Lookup, onUnset: OnUnset): Record<string, string> =>
  new EnvParser(text.replace(/^\uFEFF/, ''), lookup, onUnset).parse()
