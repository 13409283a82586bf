/** What an interactive shell of the guest writes to its terminal: its marks (OSC 133), and what commands print. */

/** Control sequences of the shell. */
const MARK = /\x1b\]133;([BCD])(?:;(\d+))?\x07/
/** What a terminal obeys and does not show. */
const SEQUENCES = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]/g
/** Characters that may be the beginning of a mark whose end has not come. */
const LONGEST_MARK = 24

export type ShellState = { kind: 'waits'; status: number } | { kind: 'runs' }

/** Reads the bytes of a shell, in pieces of any size. */
export class ShellOutput {
  readonly #decoder = new TextDecoder()
  #unread = ''
  #printed = ''
  #status = 0
  /** What the last command had printed when it ended, without the prompt behind it. */
  #ended = ''
  state: ShellState = { kind: 'runs' }

  read(bytes: Uint8Array): void {
    this.#unread += this.#decoder.decode(bytes, { stream: true })
    for (let match = MARK.exec(this.#unread); match; match = MARK.exec(this.#unread)) {
      this.#printed += this.#unread.slice(0, match.index)
      this.#unread = this.#unread.slice(match.index + match[0].length)
      this.#mark(match[1]!, Number(match[2] ?? 0))
    }
    const escape = this.#unread.lastIndexOf('\x1b')
    const keep = escape >= 0 && this.#unread.length - escape < LONGEST_MARK ? escape : this.#unread.length
    this.#printed += this.#unread.slice(0, keep)
    this.#unread = this.#unread.slice(keep)
  }

  /** What was printed since the last command began, as plain text. */
  get text(): string {
    return plainOutput(this.#printed + this.#unread)
  }

  /** Forgets what was printed: a command is entered. */
  entered(): void {
    this.state = { kind: 'runs' }
    this.#printed = ''
  }

  #mark(kind: string, status: number): void {
    if (kind === 'C') this.#printed = ''
    else if (kind === 'D') [this.#status, this.#ended] = [status, this.#printed]
    else {
      this.#printed = this.#ended
      this.state = { kind: 'waits', status: this.#status }
    }
  }
}

/** Text as it is left on the screen: without colours, and of a line that was written over the last version. */
export function plainOutput(text: string): string {
  return text
    .replace(SEQUENCES, '')
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => line.replace(/\r+$/, ''))
    .map((line) => line.slice(line.lastIndexOf('\r') + 1).trimEnd())
    .join('\n')
    .trim()
}

/** Whether the last line is a prompt: of a shell in a container, or of a program that asks for lines. */
export const endsWithPrompt = (text: string): boolean => /(?:^|\n)[^\n]{0,200}[#$>]$/.test(text)
