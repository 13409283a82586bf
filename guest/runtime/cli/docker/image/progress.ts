/**
 * Progress of pull, push, load and import (moby pkg/jsonmessage): on a terminal one line per layer, rewritten in place with
 * a bar; elsewhere each status on its own line and no bars.
 */
import type { JsonProgress } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { RedrawnLines, type TerminalSize } from '../../shared/format/redrawn-lines.ts'
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
  readonly #size: () => TerminalSize
  readonly #places = new Map<string, number>()
  readonly #lines: RedrawnLines

  constructor(terminal: boolean, size: () => TerminalSize) {
    this.#terminal = terminal
    this.#size = size
    this.#lines = new RedrawnLines(size)
  }

  /** The text to print for a message; empty when there is nothing to print. */
  render(message: JsonProgress): string {
    if (message.aux !== undefined) return ''
    const { id, progressDetail: detail } = message
    const bar = detail === undefined ? '' : progressBar(detail, this.#size().columns || 200)
    // Without a terminal only changes of status are printed, not each step of a download.
    if (!this.#terminal) return bar === '' ? this.#once(message) : ''
    if (id !== undefined && id !== '' && detail !== undefined)
      return this.#inPlace(id, `${id}: ${message.status ?? ''}${bar === '' ? '' : ` ${bar}`}`)
    this.#places.clear()
    this.#lines.forget()
    return this.#once(message)
  }

  #inPlace(id: string, line: string): string {
    const place = this.#places.get(id)
    if (place !== undefined) return this.#lines.replace(place, line)
    this.#places.set(id, this.#lines.count)
    return this.#lines.append(line)
  }

  #once({ id, stream, status }: JsonProgress): string {
    if (stream !== undefined) return stream
    return `${id === undefined || id === '' ? '' : `${id}: `}${status ?? ''}\n`
  }
}

/** @param output undefined prints nothing, only failures count. @throws CliError with the engine's message */
export async function displayProgress(
  session: CliSession,
  messages: AsyncIterable<JsonProgress>,
  output: CliOutput | undefined,
  onAux?: (aux: Record<string, unknown>) => void,
): Promise<void> {
  const display = new ProgressDisplay(output?.isTerminal === true, () => session.size())
  for await (const message of messages) {
    if (message.errorDetail !== undefined)
      throw new CliError(message.errorDetail.message, message.errorDetail.code || 1)
    if (message.error !== undefined) throw new CliError(message.error)
    if (message.aux !== undefined) onAux?.(message.aux)
    const text = display.render(message)
    if (text !== '') await output?.write(text)
  }
}
