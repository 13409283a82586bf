/**
 * Quotes, escapes and variables of Dockerfile words, as BuildKit's frontend/dockerfile/shell does them: `$x`, `${x}`,
 * `${x:-word}`, `:+`, `:?` and without the colon, `${x#pattern}`, `##`, `%`, `%%`, `${x/pattern/replacement}`, `//`.
 */
import { EngineError } from '../../../protocol/errors.ts'
import { quote } from './quote.ts'
import { replace, trimPrefix, trimSuffix } from './shell-pattern.ts'
import { WordCollector } from './word-collector.ts'

export type Variables = ReadonlyMap<string, string>

export interface LexOptions {
  /** `\` or a backtick. */
  escape: string
  /** Quotes stay in the result. */
  rawQuotes?: boolean
  /** Escapes stay in the result. */
  rawEscapes?: boolean
  /** Quotes are characters like any other. */
  plainQuotes?: boolean
  /** A variable that is not set stays as it was written. */
  skipUnset?: boolean
}

interface Lexed {
  text: string
  words: string[]
}

const SPECIAL_PARAMETERS = '@*#?-$!0'

class Lexer {
  readonly #characters: string[]
  readonly #variables: Variables
  readonly #options: LexOptions
  #rawEscapes: boolean
  #at = 0

  constructor(text: string, variables: Variables, options: LexOptions) {
    this.#characters = [...text]
    this.#variables = variables
    this.#options = options
    this.#rawEscapes = options.rawEscapes ?? false
  }

  get #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  #next(): string | undefined {
    return this.#characters[this.#at++]
  }

  /** Up to `stop`, or to the end. */
  run(stop: string | undefined, rawEscapes = this.#rawEscapes): Lexed {
    const outer = this.#rawEscapes
    this.#rawEscapes = rawEscapes
    let text = ''
    const words = new WordCollector()
    try {
      for (let character = this.#peek; character !== undefined; character = this.#peek) {
        if (character === stop) {
          this.#at++
          return { text, words: words.finish() }
        }
        const special = this.#special(character)
        if (special === undefined) text += this.#plain(words)
        else {
          text += special
          if (character === '$') words.add(special)
          else words.addRaw(special)
        }
      }
    } finally {
      this.#rawEscapes = outer
    }
    if (stop !== undefined) throw new Error(`unexpected end of statement while looking for matching ${stop}`)
    return { text, words: words.finish() }
  }

  #special(character: string): string | undefined {
    if (character === '$') return this.#dollar()
    if (character === '<') return this.#heredoc()
    if (this.#options.plainQuotes) return undefined
    if (character === "'") return this.#singleQuoted()
    return character === '"' ? this.#doubleQuoted() : undefined
  }

  #plain(words: WordCollector): string {
    const character = this.#next()!
    if (character !== this.#options.escape) {
      words.add(character)
      return character
    }
    const kept = this.#rawEscapes ? character : ''
    if (kept !== '') words.addRaw(kept)
    // An escape at the very end is dropped.
    const escaped = this.#next()
    if (escaped === undefined) return kept
    words.addRaw(escaped)
    return kept + escaped
  }

  #singleQuoted(): string {
    const quoteMark = this.#options.rawQuotes ? this.#peek! : ''
    this.#at++
    const end = this.#characters.indexOf("'", this.#at)
    if (end < 0) throw new Error('unexpected end of statement while looking for matching single-quote')
    const inside = this.#characters.slice(this.#at, end).join('')
    this.#at = end + 1
    return quoteMark + inside + quoteMark
  }

  #doubleQuoted(): string {
    const quoteMark = this.#options.rawQuotes ? this.#peek! : ''
    this.#at++
    let inside = ''
    for (;;) {
      const character = this.#peek
      if (character === undefined)
        throw new Error('unexpected end of statement while looking for matching double-quote')
      if (character === '"') {
        this.#at++
        return quoteMark + inside + quoteMark
      }
      inside += character === '$' ? this.#dollar() : this.#quotedCharacter()
    }
  }

  /** In double quotes an escape is special before `"`, `$` and itself only. */
  #quotedCharacter(): string {
    const { escape } = this.#options
    const character = this.#next()!
    if (character !== escape) return character
    const kept = this.#rawEscapes ? character : ''
    const next = this.#peek
    if (next === undefined) return kept
    if (next === '"' || next === '$' || next === escape) return kept + this.#next()!
    return kept + character
  }

  /** `<<  word` stays one word. */
  #heredoc(): string {
    this.#at++
    if (this.#peek !== '<') return '<'
    this.#at++
    let space = ''
    while (this.#peek !== undefined && '\t\r '.includes(this.#peek)) space += this.#next()!
    return `<<${space}`
  }

  #dollar(): string {
    this.#at++
    if (this.#peek === '{') return this.#braced()
    const name = this.#name()
    if (name === '') return '$'
    return this.#variables.get(name) ?? (this.#options.skipUnset ? `$${name}` : '')
  }

  #name(): string {
    const first = this.#peek
    if (first === undefined) return ''
    if (/\p{Nd}/u.test(first)) return this.#takeWhile(/\p{Nd}/u)
    if (SPECIAL_PARAMETERS.includes(first)) return this.#next()!
    return this.#takeWhile(/[\p{L}\p{Nd}_]/u)
  }

  #takeWhile(kind: RegExp): string {
    let taken = ''
    while (this.#peek !== undefined && kind.test(this.#peek)) taken += this.#next()!
    return taken
  }

  #braced(): string {
    this.#at++
    if (this.#peek === undefined) throw new Error("syntax error: missing '}'")
    if ('{}:'.includes(this.#peek)) throw new Error('syntax error: bad substitution')
    const name = this.#name()
    const first = this.#next()
    if (first === undefined) throw new Error("syntax error: missing '}'")
    if (first === '}') return this.#variables.get(name) ?? (this.#options.skipUnset ? `\${${name}}` : '')
    if (first === '/') return this.#replaced(name)
    const colon = first === ':'
    const modifier = (colon ? this.#next() : first) ?? ''
    const written = colon ? `:${modifier}` : modifier
    if (modifier === '' || !'+-?#%'.includes(modifier) || (colon && '#%'.includes(modifier)))
      throw new Error(`unsupported modifier (${written}) in substitution`)
    const word = this.#until('}', '#%'.includes(modifier), "syntax error: missing '}'")
    const value = this.#variables.get(name)
    if (value === undefined && this.#options.skipUnset) return `\${${name}${written}${word}}`
    return modified(name, value, modifier, word, colon)
  }

  #replaced(name: string): string {
    const all = this.#peek === '/'
    if (all) this.#at++
    const pattern = this.#until('/', true, "syntax error: missing '/' in ${}")
    const replacement = this.#until('}', true, "syntax error: missing '}'")
    const value = this.#variables.get(name)
    if (value === undefined && this.#options.skipUnset) return `\${${name}/${pattern}/${replacement}}`
    return replace(value ?? '', pattern, replacement, all)
  }

  #until(stop: string, rawEscapes: boolean, whenMissing: string): string {
    try {
      return this.run(stop, rawEscapes).text
    } catch (thrown) {
      if (this.#peek === undefined) throw new Error(whenMissing, { cause: thrown })
      throw thrown
    }
  }
}

/** `colon`: an empty value counts as unset. */
function modified(
  name: string,
  value: string | undefined,
  modifier: string,
  word: string,
  colon: boolean,
): string {
  const missing = value === undefined || (colon && value === '')
  switch (modifier) {
    case '-':
      return missing ? word : value
    case '+':
      return missing ? '' : word
    case '?':
      if (!missing) return value
      throw new Error(`${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`)
    default: {
      const greedy = word.startsWith(modifier)
      const pattern = greedy ? word.slice(1) : word
      return (modifier === '#' ? trimPrefix : trimSuffix)(value ?? '', pattern, greedy)
    }
  }
}

function lex(word: string, variables: Variables, options: LexOptions): Lexed {
  try {
    return new Lexer(word, variables, options).run(undefined)
  } catch (thrown) {
    const message = `failed to process ${quote(word)}: ${(thrown as Error).message}`
    throw new EngineError('invalid', message, { word }, thrown)
  }
}

/** One word to one word. Throws `invalid`: `failed to process "…": …`. */
export const expandWord = (word: string, variables: Variables, options: LexOptions): string =>
  lex(word, variables, options).text

/** Split at white space that comes unquoted out of the word or of its variables. */
export const expandWords = (word: string, variables: Variables, options: LexOptions): string[] =>
  lex(word, variables, options).words

/** `NAME=value` entries; of several with the same name the last holds. */
export function variablesOf(entries: readonly string[]): Map<string, string> {
  return new Map(
    entries.map((entry) => {
      const equals = entry.indexOf('=')
      return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
    }),
  )
}
