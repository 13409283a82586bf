/** The keys that leave an attached terminal: `ctrl-p,ctrl-q`, `ctrl-a,b`, `a`. */
import { EngineError } from '../../../protocol/errors.ts'

export const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q'

const CONTROL: Record<string, number> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 }

function keyCode(key: string): number | undefined {
  if (key.length === 1) return key.charCodeAt(0)
  const control = /^ctrl-(.)$/.exec(key)?.[1]
  if (control === undefined) return undefined
  return /[a-z]/.test(control) ? control.charCodeAt(0) - 96 : CONTROL[control]
}

export function parseDetachKeys(text: string): number[] {
  return text.split(',').map((key) => {
    const code = keyCode(key)
    if (code === undefined) throw new EngineError('invalid', `Invalid detach keys (${text}) provided`)
    return code
  })
}

/** Watches typed bytes for the sequence. A begun sequence is held back until it is complete or broken. */
export class DetachFilter {
  readonly #keys: readonly number[]
  #matched = 0

  constructor(keys: readonly number[]) {
    this.#keys = keys
  }

  /** What goes to the process, and whether the sequence was completed. */
  next(chunk: Uint8Array): { pass: Uint8Array; detached: boolean } {
    if (this.#matched === 0 && !chunk.includes(this.#keys[0]!)) return { pass: chunk, detached: false }
    const pass: number[] = []
    for (const byte of chunk) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched++
        if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detached: true }
        continue
      }
      pass.push(...this.#keys.slice(0, this.#matched))
      this.#matched = byte === this.#keys[0] ? 1 : 0
      if (this.#matched === 0) pass.push(byte)
    }
    return { pass: Uint8Array.from(pass), detached: false }
  }
}
