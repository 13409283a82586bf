/** The key sequence that leaves a container running: ctrl-p ctrl-q unless `--detach-keys` says otherwise (moby/term). */

/** ctrl-p, ctrl-q. */
export const DEFAULT_DETACH_KEYS = Uint8Array.of(16, 17)

const CONTROL: Record<string, number> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 }

function keyCode(key: string): number {
  if ([...key].length === 1) return key.charCodeAt(0)
  const match = /^ctrl-(.)$/.exec(key)
  const name = match?.[1]?.toLowerCase()
  if (name !== undefined && /[a-z]/.test(name)) return name.charCodeAt(0) - 96
  const code = name === undefined ? undefined : CONTROL[name]
  if (code === undefined) throw new Error(`Unknown character: '${key}'`)
  return code
}

/** `ctrl-a,x` → bytes. @throws Error naming the key that isn't one */
export const parseDetachKeys = (text: string): Uint8Array => Uint8Array.from(text.split(','), keyCode)

/** Watches typed bytes for the sequence; a part of it is held back until it is clear that it isn't the whole. */
export class DetachKeyFilter {
  readonly #keys: Uint8Array
  #matched = 0

  constructor(keys: Uint8Array) {
    this.#keys = keys
  }

  /** What to pass on, and whether the sequence is complete (nothing after it counts). */
  push(typed: Uint8Array): { pass: Uint8Array; detached: boolean } {
    if (this.#keys.length === 0 || (this.#matched === 0 && !typed.includes(this.#keys[0]!))) {
      return { pass: typed, detached: false }
    }
    const pass: number[] = []
    for (const byte of typed) {
      if (byte !== this.#keys[this.#matched]) {
        pass.push(...this.#keys.subarray(0, this.#matched))
        this.#matched = 0
      }
      if (byte === this.#keys[this.#matched]) this.#matched += 1
      else pass.push(byte)
      if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detached: true }
    }
    return { pass: Uint8Array.from(pass), detached: false }
  }
}
