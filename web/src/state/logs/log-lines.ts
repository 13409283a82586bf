import type { StreamPart } from '../../../../guest/vocabulary/stdcopy.ts'

export interface LogLine {
  number: number
  stream: StreamPart['stream']
  text: string
}

/** Lines kept for the screen; the whole log stays with the engine. */
export const MAX_LOG_LINES = 2000

/**
 * Joins log chunks to lines of plain text, without the container's escape sequences, which may act only on a terminal.
 */
export class LogLines {
  lines: LogLine[] = []
  private number = 0
  private readonly open = { stdin: '', stdout: '', stderr: '' }
  private readonly decoders = {
    stdin: new TextDecoder(),
    stdout: new TextDecoder(),
    stderr: new TextDecoder(),
  }

  push({ stream, bytes }: StreamPart): void {
    this.add(stream, this.decoders[stream].decode(bytes, { stream: true }))
  }

  /** The last line may lack its line feed, and its last character a byte. */
  finish(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.decoders[stream].decode()
      if (this.open[stream] + rest !== '') this.add(stream, `${rest}\n`)
    }
  }

  private add(stream: StreamPart['stream'], text: string): void {
    const pieces = (this.open[stream] + text).split('\n')
    this.open[stream] = pieces.pop()!
    const added = pieces.map((text) => ({ number: this.number++, stream, text: plainText(text) }))
    if (added.length > 0) this.lines = [...this.lines, ...added].slice(-MAX_LOG_LINES)
  }
}

/**
 * Removes CSI, OSC and other escape sequences (ECMA-48) and control characters; keeps what follows the last carriage
 * return.
 */
export function plainText(line: string): string {
  const text = line
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)/g, '')
    .replace(/\x1b[ -/]*[0-~]/g, '')
    .replace(/\r+$/, '')
  return text.slice(text.lastIndexOf('\r') + 1).replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
}
