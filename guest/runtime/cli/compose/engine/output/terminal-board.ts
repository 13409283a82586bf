/** Progress on a terminal (docker/compose pkg/progress): a title, then a line for each object, drawn over and over. */
import { displayWidth } from '../../../shared/format/display-width.ts'
import { RedrawnLines, visibleText, type TerminalSize } from '../../../shared/format/redrawn-lines.ts'
import { humanSize } from '../../../shared/format/sizes.ts'
import type { CliOutput } from '../../../shared/session.ts'
import type { Progress, ProgressEvent } from './progress-events.ts'

/** Milliseconds between two drawings while something is at work. */
const REFRESH = 200

const SPINNER = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏']
const PERCENT = [...'⠀⡀⣀⣄⣤⣦⣶⣷⣿']

const colour =
  (code: string) =>
  (text: string): string =>
    `\x1b[${code}m${text}\x1b[0m`
const blue = colour('34')
const green = colour('32')
const yellow = colour('33')
const boldYellow = colour('33;1')
const boldRed = colour('31;1')

const STATUS_COLOUR = {
  working: (text: string): string => text,
  done: green,
  warning: boldYellow,
  error: boldRed,
}

interface Row extends ProgressEvent {
  start: number
  end?: number
}

const visibleLength = (text: string): number => displayWidth(visibleText(text))

export class TerminalBoard implements Progress {
  readonly #output: CliOutput
  readonly #title: string
  readonly #size: () => TerminalSize
  readonly #now: () => number
  readonly #rows = new Map<string, Row>()
  readonly #tails: string[] = []
  readonly #lines: RedrawnLines
  /** The greatest number of rows so far. */
  #count = 0
  #more = false
  #frame = 0
  readonly #timer: NodeJS.Timeout

  constructor(output: CliOutput, title: string, size: () => TerminalSize, now: () => number) {
    this.#output = output
    this.#title = title
    this.#size = size
    this.#lines = new RedrawnLines(size)
    this.#now = now
    this.#timer = setInterval(() => this.draw(), REFRESH)
  }

  event(event: ProgressEvent): void {
    const status = event.status === 'done' && this.#more ? 'working' : event.status
    const known = this.#rows.get(event.id)
    if (known === undefined) {
      this.#rows.set(event.id, {
        ...event,
        start: this.#now(),
        ...(['done', 'error'].includes(event.status) && { end: this.#now() }),
      })
      return
    }
    // An object that has ended doesn't go back to working.
    if (status === 'working' && known.end !== undefined) return
    const { current = 0, total = 0, percent = 0 } = event
    Object.assign(known, {
      ...{ status, text: event.text, statusText: event.statusText },
      current: Math.max(current, known.current ?? 0),
      total: Math.max(total, known.total ?? 0),
      percent: Math.max(percent, known.percent ?? 0),
      ...(status !== 'working' && { end: known.end ?? this.#now() }),
    })
  }

  tail(message: string): void {
    this.#tails.push(message)
  }

  hasMore(more: boolean): void {
    this.#more = more
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.draw()
    await this.#output.write(this.#tails.map((line) => `${line}\n`).join(''))
  }

  /** Draws the board; a timer also does so a few times a second. */
  draw(): void {
    if (this.#rows.size === 0) return
    this.#frame = (this.#frame + 1) % SPINNER.length
    const { columns, rows } = this.#size()
    const width = columns || 80
    const all = [...this.#rows.values()]
    const children = all.length > (rows || 25) - 2 ? [] : all.filter(({ parent }) => parent !== undefined)
    const lines = all
      .filter(({ parent }) => parent === undefined)
      .flatMap((row) => [
        this.#line(row, '', width, all),
        ...children
          .filter(({ parent }) => parent === row.id)
          .map((child) => this.#line(child, '  ', width, all)),
      ])
    const finished = all.filter(({ status }) => status !== 'working').length
    this.#count = Math.max(this.#count, lines.length)
    const head = `[+] ${this.#title} ${finished}/${this.#count}`
    const title = finished === all.length ? blue(head) : head
    void this.#output.write(`\x1b[?25l${this.#lines.replaceAll([title, ...lines])}\x1b[?25h`)
  }

  #line(row: Row, indent: string, width: number, all: readonly Row[]): string {
    const name = this.#name(row, all)
    const padding = Math.max(...all.map(({ id, text = '' }) => `${id} ${text}`.length)) - visibleLength(name)
    const status = STATUS_COLOUR[row.status](row.statusText ?? '')
    const text = `${indent} ${this.#mark(row)} ${name}${' '.repeat(Math.max(padding, 0))} ${status}`
    const end = row.status === 'working' ? this.#now() : (row.end ?? row.start)
    const timer = blue(`${((end - row.start) / 1000).toFixed(1)}s `)
    const gap = width - visibleLength(text) - visibleLength(timer)
    return `${text}${' '.repeat(Math.max(gap, 0))}${timer}`
  }

  #mark({ status }: Row): string {
    if (status === 'done') return green('✔')
    if (status === 'warning') return boldYellow('!')
    if (status === 'error') return boldRed('✘')
    return yellow(SPINNER[this.#frame]!)
  }

  /** The row's name; with a column of bars for the parts that are still coming. */
  #name(row: Row, all: readonly Row[]): string {
    const text = row.text ?? ''
    const parts = row.status === 'working' ? all.filter(({ parent }) => parent === row.id) : []
    if (parts.length === 0) return `${row.id} ${text}`
    const bars = parts.map(({ percent = 0 }) => PERCENT[Math.trunc(((PERCENT.length - 1) * percent) / 100)]!)
    const total = parts.reduce((sum, part) => sum + (part.total ?? 0), 0)
    const current = parts.reduce((sum, part) => sum + (part.current ?? 0), 0)
    const unknown = total === 0 || parts.some((part) => part.status === 'working' && !part.total)
    const details = unknown ? '' : ` ${humanSize(current).padStart(7)} / ${humanSize(total).padEnd(7)}`
    return `${row.id} [${green(bars.join(''))}]${details} ${text}`
  }
}
