/**
 * Finds where and why a text is no JSON, and says it in the words of Go's encoding/json, which clients of Docker read.
 * Pure. JSON.parse reads every text first; only a text that it refuses is scanned.
 */

/** The text ended before its first value did (io.ErrUnexpectedEOF). */
const UNEXPECTED_END = 'unexpected EOF'

export class GoSyntaxError extends Error {}

const SPACE = /[ \t\r\n]*/y
const WORDS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' }
const ESCAPED = 'bfnrt\\/"'

type Container = 'object' | 'array'

/** A byte between single quotes, as Go's scanner quotes it. */
function quoted(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at)!)
  if (character === "'") return String.raw`'\''`
  if (character === '"') return `'"'`
  const [byte = 0] = new TextEncoder().encode(character)
  if (byte < 0x80) return `'${JSON.stringify(character).slice(1, -1)}'`
  const isPrintable = byte > 0xa0 && byte !== 0xad
  return isPrintable ? `'${String.fromCharCode(byte)}'` : `'\\u00${byte.toString(16)}'`
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  #fail(context: string): never {
    if (this.#at >= this.#text.length) throw new GoSyntaxError(UNEXPECTED_END)
    throw new GoSyntaxError(`invalid character ${quoted(this.#text, this.#at)} ${context}`)
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at
    SPACE.test(this.#text)
    this.#at = SPACE.lastIndex
  }

  #next(): string {
    this.#skipSpace()
    return this.#text[this.#at] ?? ''
  }

  #take(wanted: RegExp, context: string): void {
    if (!wanted.test(this.#text[this.#at] ?? '')) this.#fail(context)
    this.#at++
  }

  #string(): void {
    this.#at++
    for (;;) {
      const character = this.#text[this.#at] ?? ''
      if (character === '' || character < ' ') this.#fail('in string literal')
      this.#at++
      if (character === '"') return
      if (character === '\\') this.#escape()
    }
  }

  #escape(): void {
    const character = this.#text[this.#at] ?? ''
    if (character === 'u') {
      this.#at++
      for (let digit = 0; digit < 4; digit++)
        this.#take(/[0-9a-f]/i, String.raw`in \u hexadecimal character escape`)
    } else if (character !== '' && ESCAPED.includes(character)) this.#at++
    else this.#fail('in string escape code')
  }

  #digits(): void {
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at++
    const isZero = this.#text[this.#at] === '0'
    this.#take(/\d/, 'in numeric literal')
    if (!isZero) this.#digits()
    if (this.#text[this.#at] === '.') {
      this.#at++
      this.#take(/\d/, 'after decimal point in numeric literal')
      this.#digits()
    }
    if (!/e/i.test(this.#text[this.#at] ?? '')) return
    this.#at++
    if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++
    this.#take(/\d/, 'in exponent of numeric literal')
    this.#digits()
  }

  #word(word: string): void {
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`)
      this.#at++
    }
  }

  #key(): void {
    if (this.#next() !== '"') this.#fail('looking for beginning of object key string')
    this.#string()
    if (this.#next() !== ':') this.#fail('after object key')
    this.#at++
  }

  /** Scans a value, or only the beginning of a value that holds others. */
  #value(open: Container[]): void {
    const character = this.#next()
    if (character === '{' || character === '[') {
      this.#at++
      const end = character === '{' ? '}' : ']'
      if (this.#next() === end) return void this.#at++
      open.push(character === '{' ? 'object' : 'array')
      if (character === '{') this.#key()
      return this.#value(open)
    }
    if (character === '"') return this.#string()
    if (character !== '' && '-0123456789'.includes(character)) return this.#number()
    const word = WORDS[character]
    if (word === undefined) this.#fail('looking for beginning of value')
    this.#word(word)
  }

  /** The index behind the first value. Throws GoSyntaxError. */
  end(): number {
    const open: Container[] = []
    this.#value(open)
    for (let container = open.at(-1); container !== undefined; container = open.at(-1)) {
      const character = this.#next()
      if (character === (container === 'object' ? '}' : ']')) {
        this.#at++
        open.pop()
      } else if (character === ',') {
        this.#at++
        if (container === 'object') this.#key()
        this.#value(open)
      } else this.#fail(container === 'object' ? 'after object key:value pair' : 'after array element')
    }
    return this.#at
  }
}

export type JsonText =
  | { kind: 'empty' }
  /** `hasMore`: something stands behind the value, as json.Decoder's More says. */
  | { kind: 'value'; value: unknown; hasMore: boolean }

/** Reads the first JSON value of a text. Throws GoSyntaxError, whose message is Go's. */
export function parseFirst(text: string): JsonText {
  if (/^[ \t\r\n]*$/.test(text)) return { kind: 'empty' }
  try {
    return { kind: 'value', value: JSON.parse(text) as unknown, hasMore: false }
  } catch {
    const end = new Scanner(text).end()
    const value = JSON.parse(text.slice(0, end)) as unknown
    // More takes a closing bracket for the end, wherever it comes from.
    return { kind: 'value', value, hasMore: /^[ \t\r\n]*[^ \t\r\n\]}]/.test(text.slice(end)) }
  }
}

/** Reads a text that is one value and nothing else, as json.Unmarshal does. Throws GoSyntaxError. */
export function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    if (/^[ \t\r\n]*$/.test(text)) throw new GoSyntaxError('unexpected end of JSON input')
    let end: number
    try {
      end = new Scanner(text).end()
    } catch (thrown) {
      if (thrown instanceof GoSyntaxError && thrown.message === UNEXPECTED_END)
        throw new GoSyntaxError('unexpected end of JSON input')
      throw thrown
    }
    end += /^[ \t\r\n]*/.exec(text.slice(end))![0].length
    throw new GoSyntaxError(`invalid character ${quoted(text, end)} after top-level value`)
  }
}
