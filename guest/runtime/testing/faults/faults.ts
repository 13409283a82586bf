/**
 * Effects that fail once. Every call that leaves the engine, and every step of a plan, is an effect with a number and a
 * name. A dry run tells which effects an action makes; another run of it then has one of them fail.
 */
import { EngineError } from '../../../protocol/errors.ts'

/** Ids differ between runs, so effects are named without them. */
const IDS: readonly [RegExp, string][] = [
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/(?<=\/)[0-9a-f]{12}\b/g, '<id>'],
]

export class Faults {
  /** Effects since `watch`, in their order. */
  readonly made: string[] = []
  /** The effect that failed. */
  fired: string | undefined
  #watching = false
  #failing: number | undefined

  /**
   * Begins to number effects.
   * @param failing the number of the effect that fails, counted from 0; without it none fails
   */
  watch(failing?: number): void {
    this.made.length = 0
    this.fired = undefined
    this.#failing = failing
    this.#watching = true
  }

  rest(): void {
    this.#watching = false
  }

  /** Whether this effect is the one that fails. */
  fails(effect: string): boolean {
    if (!this.#watching) return false
    const name = IDS.reduce((text, [pattern, by]) => text.replace(pattern, by), effect)
    const isFailing = this.made.push(name) - 1 === this.#failing
    if (isFailing) this.fired = name
    return isFailing
  }

  /** @throws what `error` makes when this effect is the one that fails */
  check(effect: string, error: (effect: string) => EngineError): void {
    if (this.fails(effect)) throw error(effect)
  }
}

type Method = (...parameters: unknown[]) => unknown

export interface FaultyOptions {
  name(method: string, parameters: readonly unknown[]): string
  error(effect: string): EngineError
  /** An answer may be lost, too: then everything was done, and the engine does not know it. */
  answers?: boolean
}

/** Makes each method of an object an effect. A failed one has done nothing, unless its answer was lost. */
export function faulty<T extends object>(
  target: T,
  faults: Faults,
  { name, error, answers = false }: FaultyOptions,
): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object)
      if (typeof value !== 'function' || typeof key !== 'string') return value
      return (...parameters: unknown[]) => {
        const effect = name(key, parameters)
        // A synchronous method cannot reject; it only registers a listener or lets something go.
        if (faults.fails(effect)) return Promise.reject(error(effect))
        const result = (value as Method).apply(object, parameters)
        if (!(result instanceof Promise) || !answers) return result
        return result.then((answer: unknown) => {
          faults.check(`${effect}, its answer`, error)
          return answer
        })
      }
    },
  })
}

export const diskFull = (effect: string): EngineError =>
  new EngineError('exhausted', `${effect}: no space left on device`, {}, { errno: -28 })

export const peerGone = (effect: string): EngineError =>
  new EngineError('unavailable', `${effect}: the connection was closed`)
