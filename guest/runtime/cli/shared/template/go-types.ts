/** Values of Go's types that JSON cannot express: durations, and nil of a type. */
import { formatGoDuration } from '../../../../vocabulary/go-duration.ts'
import type { GoObject } from './go-object.ts'

/** time.Duration: an integer that prints as `1m30s`. */
export class GoDuration implements GoObject {
  readonly goType = 'time.Duration'
  readonly #nanoseconds: number

  constructor(nanoseconds: number) {
    this.#nanoseconds = nanoseconds
  }

  get text(): string {
    return formatGoDuration(this.#nanoseconds)
  }

  get isZero(): boolean {
    return this.#nanoseconds === 0
  }

  /** The methods that take no argument. */
  field(name: string): unknown {
    const units: Record<string, number> = { Hours: 3600e9, Minutes: 60e9, Seconds: 1e9 }
    const whole: Record<string, number> = { Milliseconds: 1e6, Microseconds: 1e3, Nanoseconds: 1 }
    if (name === 'String') return this.text
    if (Object.hasOwn(units, name)) return this.#nanoseconds / units[name]!
    return Object.hasOwn(whole, name) ? Math.trunc(this.#nanoseconds / whole[name]!) : undefined
  }

  toJSON(): number {
    return this.#nanoseconds
  }
}

/** A nil pointer, or a nil slice. Nil maps are empty maps that encode as null. */
export class GoNil implements GoObject {
  readonly goType: string
  readonly text: string
  readonly isZero = true

  constructor(kind: 'pointer' | 'slice') {
    this.goType = kind === 'slice' ? '[]interface {}' : '*struct'
    this.text = kind === 'slice' ? '[]' : '<nil>'
  }

  field(): undefined {
    return undefined
  }

  toJSON(): null {
    return null
  }
}
