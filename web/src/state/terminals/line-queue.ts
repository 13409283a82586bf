/**
 * Lines for a terminal that come as a whole, as a lesson's block does. Each but the first waits until the shell asks for it:
 * what is typed while a command runs is echoed at once by the kernel, and again by the shell that reads it later.
 */
const ESCAPE = '\x1b'
const INTERRUPT = '\x03'

export class LineQueue {
  readonly #send: (input: string) => void
  #lines: string[] = []

  /** `send` types into the terminal. */
  constructor(send: (input: string) => void) {
    this.#send = send
  }

  /**
   * Takes lines, divided by newlines.
   * @param now whether the first may be typed at once, when none is before it
   */
  enter(text: string, now: boolean): void {
    const wasEmpty = this.#lines.length === 0
    this.#lines.push(...text.split('\n'))
    if (now && wasEmpty) this.ready()
  }

  /** The shell waits for a line. */
  ready(): void {
    const line = this.#lines.shift()
    if (line !== undefined) this.#send(`${line}\r`)
  }

  /**
   * A person types: what waits goes first, as the program in front may be one that asks for nothing; an interrupt drops it, as
   * it does with what is typed ahead. Answers that the terminal gives by itself, and arrow keys, change nothing.
   */
  interrupted(input: string | Uint8Array): void {
    if (typeof input !== 'string' || input.startsWith(ESCAPE)) return
    const lines = this.#lines.splice(0)
    if (!input.includes(INTERRUPT)) for (const line of lines) this.#send(`${line}\r`)
  }

  clear(): void {
    this.#lines = []
  }
}
