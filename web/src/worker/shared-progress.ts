import type { OnBytes } from './machine-api.ts'

/** Adds up the bytes of several downloads for one who watches them. */
export class SharedProgress {
  readonly #onBytes: OnBytes
  readonly #parts: { loaded: number; total: number }[] = []

  constructor(onBytes: OnBytes) {
    this.#onBytes = onBytes
  }

  /** The watcher of one more download. */
  part(): OnBytes {
    const part = { loaded: 0, total: 0 }
    this.#parts.push(part)
    return (loaded, total) => {
      Object.assign(part, { loaded, total })
      const sum = (key: 'loaded' | 'total'): number =>
        this.#parts.reduce((bytes, each) => bytes + each[key], 0)
      this.#onBytes(sum('loaded'), sum('total'))
    }
  }
}
