/** Characters as they come out of the lexer, gathered into words. */
export class WordCollector {
  readonly #words: string[] = []
  #word: string | undefined

  /** White space ends a word. */
  add(text: string): void {
    for (const character of text) {
      if (!/\s/.test(character)) this.addRaw(character)
      else if (this.#word !== undefined && this.#word !== '') this.#end()
    }
  }

  /** Quoted or escaped: white space too belongs to the word. */
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
