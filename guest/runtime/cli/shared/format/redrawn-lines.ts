/**
 * Redraws lines on a terminal. A line longer than the terminal is wide takes several rows, which must be counted to go
 * back to it.
 */
import { charWidth } from './display-width.ts'

/** A terminal's size; 0 when it is unknown. */
export interface TerminalSize {
  columns: number
  rows: number
}

/** ECMA-48: cursor up and down, erase the line, erase from the cursor to the end of the screen. */
const up = (rows: number): string => (rows > 0 ? `\x1b[${rows}A` : '')
const down = (rows: number): string => (rows > 0 ? `\x1b[${rows}B` : '')
const ERASE_LINE = '\x1b[2K'
const ERASE_BELOW = '\x1b[J'

const CONTROL_SEQUENCE = /\x1b\[[\d;?]*[A-Za-z]/g

/** The line without its control sequences. */
export const visibleText = (line: string): string => line.replace(CONTROL_SEQUENCE, '')

/** The rows that a line takes. A wide character that has no room at the end of a row begins the next one. */
export function terminalRows(line: string, columns: number): number {
  if (columns === 0) return 1
  let rows = 1
  let used = 0
  for (const char of visibleText(line)) {
    const width = charWidth(char)
    if (used + width > columns) {
      rows += 1
      used = 0
    }
    used += width
  }
  return rows
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** The first lines for which a screen has room, with a row for the cursor below them. */
export function linesThatFit(lines: readonly string[], { columns, rows }: TerminalSize): string[] {
  let free = rows === 0 ? Infinity : rows - 1
  return lines.filter((line) => (free -= terminalRows(line, columns)) >= 0)
}

/** Draws a line that will be redrawn in place: puts the cursor back at its start. */
export const lineInPlace = (line: string, { columns }: TerminalSize): string =>
  `${line}\r${up(terminalRows(line, columns) - 1)}`

/** Lines on a terminal. The methods return the text that draws the lines and leaves the cursor below the last one. */
export class RedrawnLines {
  readonly #size: () => TerminalSize
  /** The lines that are on the screen. */
  #lines: string[] = []

  constructor(size: () => TerminalSize) {
    this.#size = size
  }

  get count(): number {
    return this.#lines.length
  }

  /** Leaves the lines as they are; what is drawn next begins below them. */
  forget(): void {
    this.#lines = []
  }

  append(line: string): string {
    this.#lines.push(line)
    return `${line}\n`
  }

  /** Empty when the line has scrolled off the screen, where the cursor cannot go. */
  replace(at: number, line: string): string {
    const { columns, rows } = this.#size()
    const known = this.#lines[at]!
    const back = sum(this.#lines.slice(at).map((one) => terminalRows(one, columns)))
    if (rows !== 0 && back >= rows) return ''
    this.#lines[at] = line
    if (terminalRows(known, columns) === 1 && terminalRows(line, columns) === 1)
      return `${up(back)}${ERASE_LINE}\r${line}\r${down(back)}`
    const rest = this.#lines.slice(at).map((one) => `${one}\n`)
    return `${up(back)}\r${ERASE_BELOW}${rest.join('')}`
  }

  /** @param lines all lines from now on; only those are drawn for which the screen has room */
  replaceAll(lines: readonly string[]): string {
    const { columns } = this.#size()
    const before = this.#lines.map((line) => terminalRows(line, columns))
    this.#lines = linesThatFit(lines, this.#size())
    const body = this.#lines.map((line) => `${line}\n`)
    return `${up(sum(before))}\r${ERASE_BELOW}${body.join('')}`
  }
}
