/**
 * What a shell in a terminal is given to do, and when that has ended. The guest's bash says it by marks in its output
 * (OSC 133, as iTerm2's and VS Code's shell integration have them): B before the command line, C before the command runs,
 * D and its status after it. Other shells, those of containers, say nothing: of them the prompt tells, `# ` or `$ ` at the
 * end of the row that the cursor is in.
 */
import type { ShellNews } from '../../state/terminals/terminal-session.svelte.ts'

/** The rows of a terminal, from the first of the scrollback, and its cursor. */
export interface ShellScreen {
  readonly cursor: { row: number; column: number }
  /** The text of a row between two columns, and whether it goes on from the row above; undefined for no row. */
  row(at: number, from?: number, to?: number): { text: string; wrapped: boolean } | undefined
  /** Follows the cursor's row while rows above it are dropped; -1 once it is dropped itself. */
  mark(): { readonly row: number; forget(): void }
}

/** A line that someone wrote by hand is shorter; what a program prints need not be. */
const MAX_LINE = 2_000
const PROMPT = /[#$] $/
/** A shell that asks for the rest of a command, and programs that ask for theirs: node, python3, redis-cli. */
const MORE = /> $/
const PROMPT_AND_LINE = /^.*?[#$] (.*)$/

export class ShellWatch {
  readonly #screen: ShellScreen
  readonly #tell: (mark: ShellNews) => void
  /** Where the command line of a shell with marks begins. */
  #begin: { mark: ReturnType<ShellScreen['mark']>; column: number } | undefined
  /** A command of a shell with marks runs. */
  #running = false
  /** Lines that were given to a shell without marks, each of which ends in a prompt. */
  #waiting = 0
  /** Where the prompt stood that ended the line before: it may be drawn in pieces, and ends one line. */
  #prompt: { mark: ReturnType<ShellScreen['mark']>; column: number } | undefined

  constructor(screen: ShellScreen, tell: (mark: ShellNews) => void) {
    this.#screen = screen
    this.#tell = tell
  }

  /** Takes the content of an OSC 133 sequence, when all before it is on the screen. */
  mark(data: string): void {
    const [kind, status] = data.split(';')
    if (kind === 'B') {
      this.#forget()
      this.#begin = { mark: this.#screen.mark(), column: this.#screen.cursor.column }
      this.#tell({ kind: 'ready' })
    } else if (kind === 'C' && this.#begin !== undefined) {
      const line = this.#lineSince(this.#begin.mark.row, this.#begin.column)
      this.#forget()
      this.#running = true
      this.#tell({ kind: 'entered', line })
    } else if (kind === 'D' && this.#running) {
      this.#running = false
      this.#waiting = 0
      this.#tell({ kind: 'ended', status: /^\d{1,3}$/.test(status ?? '') ? Number(status) : undefined })
    }
  }

  /** Takes what is typed, before the process has it. */
  typed(text: string): void {
    if (!text.includes('\r') || this.#begin !== undefined) return
    const { row, column } = this.#screen.cursor
    const begun = PROMPT_AND_LINE.exec(this.#screen.row(row, 0, column)?.text ?? '')?.[1] ?? this.#ahead(text)
    if (begun === undefined) return
    // What a lesson types comes as several lines at once, and none of it is on the screen yet.
    const lines = `${begun}${text}`.split('\r').slice(0, -1)
    if (this.#waiting === 0) this.#markPrompt()
    for (const line of lines.map((line) => line.trim().slice(0, MAX_LINE)).filter((line) => line !== '')) {
      this.#waiting += 1
      this.#tell({ kind: 'entered', line })
    }
  }

  /** To be called when a piece of output is on the screen. */
  drawn(): void {
    const { row, column } = this.#screen.cursor
    const text = this.#screen.row(row, 0, column)?.text ?? ''
    const isPrompt = this.#begin === undefined && PROMPT.test(text)
    if (!isPrompt && !MORE.test(text)) return
    if (row === this.#prompt?.mark.row && column === this.#prompt.column) return
    this.#markPrompt()
    if (isPrompt && this.#waiting > 0) {
      this.#waiting -= 1
      this.#tell({ kind: 'ended', status: undefined })
    }
    this.#tell({ kind: 'ready' })
  }

  #markPrompt(): void {
    this.#prompt?.mark.forget()
    this.#prompt = { mark: this.#screen.mark(), column: this.#screen.cursor.column }
  }

  /**
   * What stands before lines that come while others still run: nothing, when they come as a whole, as a lesson types them.
   * What a person types then, key by key, may be meant for the program that runs.
   */
  #ahead(text: string): '' | undefined {
    return this.#waiting > 0 && text.trim() !== '' ? '' : undefined
  }

  /** The text from a place to the cursor, which is at the beginning of the row after it. */
  #lineSince(row: number, column: number): string {
    const end = this.#screen.cursor.row
    let line = ''
    for (let at = row; at >= 0 && at < end && line.length < MAX_LINE; at++) {
      const { text, wrapped } = this.#screen.row(at, at === row ? column : 0) ?? { text: '', wrapped: false }
      line += at === row || wrapped ? text : `\n${text}`
    }
    return line.trim().slice(0, MAX_LINE)
  }

  #forget(): void {
    this.#begin?.mark.forget()
    this.#begin = undefined
  }
}
