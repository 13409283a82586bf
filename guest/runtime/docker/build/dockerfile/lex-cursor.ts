/** A cursor in a text, which moves character by character. */
const SPECIAL_PARAMETERS = '@*#?-$!0'

export class LexCursor {
  readonly #characters: string[]
  #at = 0

  constructor(text: string) {
    this.#characters = [...text]
  }

  /** undefined at the end. */
  get peek(): string | undefined {
    return this.#characters[this.#at]
  }

  next(): string | undefined {
    return this.#characters[this.#at++]
  }

  /** The text before the next such character, which is passed over; undefined when there is none. */
  upTo(character: string): string | undefined {
    const end = this.#characters.indexOf(character, this.#at)
    if (end < 0) return undefined
    const text = this.#characters.slice(this.#at, end).join('')
    this.#at = end + 1
    return text
  }

  takeWhile(kind: RegExp): string {
    let taken = ''
    while (this.peek !== undefined && kind.test(this.peek)) taken += this.next()!
    return taken
  }

  /** Reads a variable's name: a word, a number or a special parameter of the shell's. Empty when there is none. */
  name(): string {
    const first = this.peek
    if (first === undefined) return ''
    if (/\p{Nd}/u.test(first)) return this.takeWhile(/\p{Nd}/u)
    if (SPECIAL_PARAMETERS.includes(first)) return this.next()!
    return this.takeWhile(/[\p{L}\p{Nd}_]/u)
  }
}
