/**
 * Expands quotes, escapes and variables of Dockerfile words as BuildKit's frontend/dockerfile/shell does: `$x`, `${x}`,
 * `${x:-word}`, `:+`, `:?` and without the colon, `${x#pattern}`, `##`, `%`, `%%`, `${x/pattern/replacement}`, `//`.
 */
import { EngineError } from '../../../../protocol/errors.ts'
import { LexCursor } from './lex-cursor.ts'
import { quote } from '../../../../vocabulary/go-quote.ts'
import { substitute, type Variables } from './substitution.ts'
import { WordCollector } from './word-collector.ts'

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

class Lexer {
  readonly #cursor: LexCursor
  readonly #variables: Variables
  readonly #options: LexOptions
  #rawEscapes: boolean

  constructor(text: string, variables: Variables, options: LexOptions) {
    this.#cursor = new LexCursor(text)
    this.#variables = variables
    this.#options = options
    this.#rawEscapes = options.rawEscapes ?? false
  }

  /** Reads up to `stop`, or to the end. */
  run(stop: string | undefined, rawEscapes = this.#rawEscapes): Lexed {
    const outer = this.#rawEscapes
    this.#rawEscapes = rawEscapes
    try {
      return this.#words(stop)
    } finally {
      this.#rawEscapes = outer
    }
  }

  #words(stop: string | undefined): Lexed {
    const cursor = this.#cursor
    const words = new WordCollector()
    let text = ''
    for (let character = cursor.peek; character !== undefined; character = cursor.peek) {
      if (character === stop) {
        cursor.next()
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

  #dollar(): string {
    this.#cursor.next()
    return substitute({
      cursor: this.#cursor,
      variables: this.#variables,
      skipUnset: this.#options.skipUnset ?? false,
      until: (stop, rawEscapes) => this.run(stop, rawEscapes).text,
    })
  }

  #plain(words: WordCollector): string {
    const character = this.#cursor.next()!
    if (character !== this.#options.escape) {
      words.add(character)
      return character
    }
    const kept = this.#rawEscapes ? character : ''
    if (kept !== '') words.addRaw(kept)
    // An escape at the very end is dropped.
    const escaped = this.#cursor.next()
    if (escaped === undefined) return kept
    words.addRaw(escaped)
    return kept + escaped
  }

  #singleQuoted(): string {
    const quoteMark = this.#cursor.next()!
    const inside = this.#cursor.upTo("'")
    if (inside === undefined)
      throw new Error('unexpected end of statement while looking for matching single-quote')
    return this.#options.rawQuotes ? quoteMark + inside + quoteMark : inside
  }

  #doubleQuoted(): string {
    const quoteMark = this.#options.rawQuotes ? '"' : ''
    this.#cursor.next()
    let inside = ''
    for (;;) {
      const character = this.#cursor.peek
      if (character === undefined)
        throw new Error('unexpected end of statement while looking for matching double-quote')
      if (character === '"') {
        this.#cursor.next()
        return quoteMark + inside + quoteMark
      }
      inside += character === '$' ? this.#dollar() : this.#quotedCharacter()
    }
  }

  /** In double quotes an escape is special before `"`, `$` and itself only. */
  #quotedCharacter(): string {
    const { escape } = this.#options
    const character = this.#cursor.next()!
    if (character !== escape) return character
    const kept = this.#rawEscapes ? character : ''
    const next = this.#cursor.peek
    if (next === undefined) return kept
    if (next === '"' || next === '$' || next === escape) return kept + this.#cursor.next()!
    return kept + character
  }

  /** `<<  word` stays one word. */
  #heredoc(): string {
    this.#cursor.next()
    if (this.#cursor.peek !== '<') return '<'
    this.#cursor.next()
    return `<<${this.#cursor.takeWhile(/[\t\r ]/)}`
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

/** Expands one word to one word. Throws `invalid`: `failed to process "…": …`. */
export const expandWord = (word: string, variables: Variables, options: LexOptions): string =>
  lex(word, variables, options).text

/** Expands a word to several: white space that comes unquoted out of the word or of its variables splits it. */
export const expandWords = (word: string, variables: Variables, options: LexOptions): string[] =>
  lex(word, variables, options).words

/** Variables of `NAME=value` entries; of several with the same name the last counts. */
export function variablesOf(entries: readonly string[]): Map<string, string> {
  return new Map(
    entries.map((entry) => {
      const equals = entry.indexOf('=')
      return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
    }),
  )
}
