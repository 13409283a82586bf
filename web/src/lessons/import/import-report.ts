import { withoutHidden } from '../markdown/hidden-characters.ts'
import type { Reason, Unsupported } from '../format/unsupported.ts'
import { IMPORT_LIMITS } from './limits.ts'

/** Collects what has no place in a lesson, in the order in which it is found. */
export class ImportReport {
  readonly #listed: Unsupported[] = []
  readonly #known = new Set<string>()
  #more = 0

  /** @param line from 1; undefined for the file as a whole */
  add(file: string, line: number | undefined, what: string, reason: Reason): void {
    // A hostile file has thousands; one part may be found twice on the way.
    const shown = withoutHidden(what.slice(0, IMPORT_LIMITS.shown)).slice(0, IMPORT_LIMITS.shown).trim()
    const key = `${file}\0${line}\0${shown}\0${reason}`
    if (this.#known.has(key)) return
    if (this.#listed.length >= IMPORT_LIMITS.listed) {
      this.#more += 1
      return
    }
    this.#known.add(key)
    this.#listed.push({ file, line, what: shown, reason })
  }

  addAll(parts: Iterable<Unsupported>): void {
    for (const { file, line, what, reason } of parts) this.add(file, line, what, reason)
  }

  /** All parts; the last one says how many more there are. */
  get parts(): Unsupported[] {
    if (this.#more === 0) return [...this.#listed]
    return [...this.#listed, { file: '', line: undefined, what: `+ ${this.#more}`, reason: 'size' }]
  }
}
