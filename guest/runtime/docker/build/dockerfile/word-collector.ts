/** Gathers characters that come out of the lexer into words. */
export class WordCollector {
  readonly #words: string[] = []
  #word: string | undefined

  /** Adds plain text, in which white space ends a word. */
  add(text: string): void {
    for (const character of text) {
      if (!/\s/.test(character)) this.addRaw(character)
      else if (this.#word !== undefined && this.#word !== '') this.#end()
    }
  }

  /** Adds quoted or escaped text, whose white space belongs to the word. */
  addRaw(text: string): void {
    this.#word = (this.#word ?? '') + text
  }

  #end(): void {
    if (this.#word !== undefined && this.#word !== '') this.#words.push(this.#word)
    this.#word = undefined
  }

  finish(): string[] {
    this.#end()
    return this.#words
  }
}
