/**
 * What has been set up and must be taken back, last in first out: mounts, sandboxes, leases, names. Set-up pushes its undo
 * before it begins, so an undo must be idempotent and bear a set-up that stopped half-way.
 */
import { EngineError } from '../protocol/errors.ts'

interface Undo {
  what: string
  run(): Promise<void>
}

export class UndoStack {
  #entries: Undo[] = []

  /** @param what names the thing in a report, e.g. `the network sandbox of 4f…` */
  push(what: string, run: () => Promise<void>): void {
    this.#entries.push({ what, run })
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Keeps what was set up: it now belongs to somebody else. */
  clear(): void {
    this.#entries = []
  }

  /**
   * Takes everything back. One failure stops no other undo; what failed stays on the stack, so that the next unwind tries
   * it again. Resolves with the failures, whose messages name what could not be taken back; never rejects.
   */
  async unwind(): Promise<EngineError[]> {
    const failures: EngineError[] = []
    const left: Undo[] = []
    for (let undo = this.#entries.pop(); undo !== undefined; undo = this.#entries.pop()) {
      try {
        await undo.run()
      } catch (thrown) {
        left.unshift(undo)
        const { code, message, details } = EngineError.from(thrown)
        failures.push(new EngineError(code, `${undo.what}: ${message}`, details, thrown))
      }
    }
    this.#entries.unshift(...left)
    return failures
  }
}
