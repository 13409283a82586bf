/**
 * Progress of pull, push, load and import (moby pkg/jsonmessage): on a terminal one line per layer, rewritten in place with
 * a bar; elsewhere each status on its own line and no bars.
 */
import type { JsonProgress } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/command.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import type { CliOutput, CliSession } from '../../shared/session.ts'

/** `[=====>      ]  1.05MB/2.1MB`. @param width of the terminal */
export function progressBar(detail: NonNullable<JsonProgress['progressDetail']>, width: number): string {
  const current = detail.current ?? 0
  const total = detail.total ?? 0
  if (current <= 0 && total <= 0) return ''
  const counted = detail.units !== undefined && detail.units !== ''
  const amount = (value: number): string => (counted ? String(value) : humanSize(value))
  if (total <= 0) return amount(current).padStart(8) + (counted ? ` ${detail.units}` : '')
  const percent = Math.min(Math.trunc(Math.trunc((current / total) * 100) / 2), 50)
  const bar = width > 110 ? `[${'='.repeat(percent)}>${' '.repeat(50 - percent)}] ` : ''
  const numbers =
    current > total ? amount(current).padStart(8) : `${amount(current).padStart(8)}/${amount(total)}`
  return bar + (counted ? `${numbers} ${detail.units}` : numbers)
}

class ProgressDisplay {
  readonly #terminal: boolean
  readonly #width: number
  readonly #lines = new Map<string, number>()

  constructor(terminal: boolean, width: number) {
    this.#terminal = terminal
    this.#width = width
  }

  /** What to print for a message; empty for nothing. */
  render(message: JsonProgress): string {
    if (message.aux !== undefined) return ''
    const placed = message.id !== undefined && message.id !== '' && message.progressDetail !== undefined
    if (!this.#terminal) return this.#line(message, undefined)
    if (placed) return this.#inPlace(message)
    if (message.id === undefined || message.id === '' || message.stream !== undefined) this.#lines.clear()
    return this.#line(message, undefined)
  }

  #inPlace(message: JsonProgress): string {
    const id = message.id!
    const known = this.#lines.get(id)
    if (known === undefined) this.#lines.set(id, this.#lines.size)
    const up = known === undefined ? 0 : this.#lines.size - known
    if (known === undefined) return `${this.#line(message, true).replace(/\r$/, '')}\n`
    return `\x1b[${up}A${this.#line(message, true)}\x1b[${up}B`
  }

  /** @param placed on a terminal: erase the line, print, and return to its start */
  #line(message: JsonProgress, placed: boolean | undefined): string {
    const detail = message.progressDetail
    const bar = detail === undefined ? '' : progressBar(detail, this.#width)
    // Without a terminal only the statuses count, not each step of a download.
    if (!this.#terminal && bar !== '') return ''
    const prefix = placed === true ? '\x1b[2K\r' : ''
    const id = message.id === undefined || message.id === '' ? '' : `${message.id}: `
    if (message.stream !== undefined) return `${prefix}${message.stream}`
    const text = `${prefix}${id}${message.status ?? ''}`
    if (placed === true) return `${bar === '' ? text : `${text} ${bar}`}\r`
    return `${text}\n`
  }
}

/** @param output none: quiet, only failures count. @throws CliError with the engine's message */
export async function displayProgress(
  session: CliSession,
  messages: AsyncIterable<JsonProgress>,
  output: CliOutput | undefined,
  onAux?: (aux: Record<string, unknown>) => void,
): Promise<void> {
  const display = new ProgressDisplay(output?.isTerminal === true, session.size().columns || 200)
  for await (const message of messages) {
    if (message.errorDetail !== undefined)
      throw new CliError(message.errorDetail.message, message.errorDetail.code || 1)
    if (message.error !== undefined) throw new CliError(message.error)
    if (message.aux !== undefined) onAux?.(message.aux)
    const text = display.render(message)
    if (text !== '') await output?.write(text)
  }
}
