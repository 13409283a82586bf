/** The key sequence that leaves a container running: moby/term, ascii.go and proxy.go. */
import { EngineError } from '../protocol/errors.ts'

/** `ctrl-p,ctrl-q`. */
export const DEFAULT_DETACH_KEYS: Uint8Array = Uint8Array.of(16, 17)

/** The letters of control keys; the index is the key's code, beginning with `ctrl-@`. */
const CONTROL = '@abcdefghijklmnopqrstuvwxyz[\\]^_'
const DELETE = 127

function keyCode(key: string): number {
  // A key is one byte: `é` has two of them.
  if (/^[\0-\x7f]$/.test(key)) return key.charCodeAt(0)
  const control = /^ctrl-(.)$/.exec(key)?.[1]
  const code = control === undefined ? -1 : CONTROL.indexOf(control)
  if (code >= 0) return code
  if (key === 'DEL') return DELETE
  throw new EngineError('invalid', `Unknown character: '${key}'`, { key })
}

/** `ctrl-a,x` → bytes. @throws EngineError `invalid` that names the first part that is not a key */
export const parseDetachKeys = (text: string): Uint8Array => Uint8Array.from(text.split(','), keyCode)

/** Watches typed bytes for the sequence. It holds a begun sequence back until that is complete or broken. */
export class DetachKeyFilter {
  readonly #keys: Uint8Array
  #matched = 0

  /** @param keys an empty sequence never detaches */
  constructor(keys: Uint8Array) {
    this.#keys = keys
  }

  /**
   * What to pass on, and whether the sequence is complete (nothing after it counts). As with Docker, a byte that breaks a begun
   * sequence begins no other one: ctrl-p twice is two ctrl-p for the process.
   */
  push(typed: Uint8Array): { pass: Uint8Array; detached: boolean } {
    if (this.#keys.length === 0 || (this.#matched === 0 && !typed.includes(this.#keys[0]!)))
      return { pass: typed, detached: false }
    const pass: number[] = []
    for (const byte of typed) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1
        if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detached: true }
        continue
      }
      pass.push(...this.#keys.subarray(0, this.#matched), byte)
      this.#matched = 0
    }
    return { pass: Uint8Array.from(pass), detached: false }
  }
}
