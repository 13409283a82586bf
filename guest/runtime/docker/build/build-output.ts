/** The lines of a build: Docker's JSON stream. The producer waits when its reader is slow. */
import type { JsonProgress } from '../../../protocol/api/engine-api.ts'

/** Lines kept for a slow reader. */
const BACKLOG = 64

/** Docker shows what a command wrote to stderr in red. */
const RED = '\x1b[91m'
const PLAIN = '\x1b[0m'

export class BuildOutput {
  readonly #lines: JsonProgress[] = []
  #over = false
  #wakeReader = () => {}
  #wakeWriter = () => {}

  /** Resolves when there is room for more, and at once after the reader left. */
  async write(line: JsonProgress): Promise<void> {
    if (this.#over) return
    this.#lines.push(line)
    this.#wakeReader()
    while (this.#lines.length >= BACKLOG && !this.#over)
      await new Promise<void>((resolve) => (this.#wakeWriter = resolve))
  }

  stdout(text: string): Promise<void> {
    return this.write({ stream: text })
  }

  stderr(text: string): Promise<void> {
    return this.write({ stream: RED + text + PLAIN })
  }

  /** Ends the output: no more lines are taken. */
  end(): void {
    this.#over = true
    this.#wakeReader()
    this.#wakeWriter()
  }

  async *lines(): AsyncGenerator<JsonProgress> {
    try {
      for (;;) {
        while (this.#lines.length > 0) {
          const line = this.#lines.shift()!
          this.#wakeWriter()
          yield line
        }
        if (this.#over) return
        await new Promise<void>((resolve) => (this.#wakeReader = resolve))
      }
    } finally {
      this.end()
    }
  }
}
