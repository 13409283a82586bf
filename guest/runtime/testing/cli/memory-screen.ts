/**
 * A terminal's screen in memory, which knows the parts of ECMA-48 that the command line writes. Tests look at what
 * progress leaves on it. Test code.
 */
const SEQUENCE = /\x1b\[(\??[\d;]*)([A-Za-z])|([\s\S])/gu

export class MemoryScreen {
  readonly #columns: number
  readonly #rows: number
  #cells: string[][] = [[]]
  /** The number of rows that have left the screen at its top. */
  #gone = 0
  #row = 0
  #column = 0

  constructor(columns: number, rows: number) {
    this.#columns = columns
    this.#rows = rows
  }

  write(text: string): this {
    for (const [, parameter, command, char] of text.matchAll(SEQUENCE)) {
      if (command === undefined) this.#put(char!)
      else this.#control(command, Number(parameter!.replace('?', '')) || 0)
    }
    return this
  }

  /** All rows, also those that have left the screen, without the empty ones at the end. */
  get text(): string {
    return this.#cells
      .map((row) => row.join('').trimEnd())
      .join('\n')
      .trimEnd()
  }

  #put(char: string): void {
    if (char === '\r') this.#column = 0
    else if (char === '\n') this.#newLine()
    else {
      if (this.#column === this.#columns) this.#newLine()
      const row = this.#cells[this.#row]!
      while (row.length < this.#column) row.push(' ')
      row[this.#column] = char
      this.#column += 1
    }
  }

  /** Begins a new row at its start, as a terminal's line discipline makes a newline do. */
  #newLine(): void {
    this.#column = 0
    this.#row += 1
    if (this.#row === this.#cells.length) this.#cells.push([])
    this.#gone = Math.max(this.#gone, this.#row - this.#rows + 1)
  }

  #control(command: string, count: number): void {
    if (command === 'A') this.#row = Math.max(this.#gone, this.#row - Math.max(count, 1))
    if (command === 'B') this.#row = Math.min(this.#cells.length - 1, this.#row + Math.max(count, 1))
    if (command === 'H') [this.#row, this.#column] = [this.#gone, 0]
    if (command === 'J') this.#cells = [...this.#cells.slice(0, this.#row), this.#kept()]
    if (command === 'K') this.#cells[this.#row] = count === 2 ? [] : this.#kept()
  }

  #kept(): string[] {
    return this.#cells[this.#row]!.slice(0, this.#column)
  }
}
