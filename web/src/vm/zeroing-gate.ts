import { EngineError } from '../../../guest/protocol/errors.ts'
import { limitTranslations } from './compile-v86.ts'
import type { TranslationMemory } from './translation-slots.ts'

/** Stands between v86 and its wasm exports, to skip the zeroing of memory that is all zero. */
export class ZeroingGate {
  readonly #module: WebAssembly.Module
  #open = true
  #exports: WebAssembly.Exports | null = null
  #table: WebAssembly.Table | null = null
  /** v86 itself does not notice when its module cannot be instantiated. */
  readonly failed: Promise<never>
  #fail!: (error: EngineError) => void

  constructor(module: WebAssembly.Module) {
    this.#module = module
    this.failed = new Promise((_resolve, reject) => (this.#fail = reject))
    this.failed.catch(() => undefined)
  }

  async instantiate(imports: WebAssembly.Imports): Promise<WebAssembly.Exports> {
    try {
      const { exports } = await WebAssembly.instantiate(this.#module, imports)
      this.#exports = exports
      this.#table = imports.env!.__indirect_function_table as WebAssembly.Table
      limitTranslations(exports)
      const zero = exports.zero_memory as (address: number, length: number) => void
      return {
        ...exports,
        zero_memory: (at: number, length: number) => void (this.#open && zero(at, length)),
      }
    } catch (cause) {
      const error = new EngineError(
        'exhausted',
        'the browser has no memory for the machine: close other tabs',
        {},
        cause,
      )
      this.#fail(error)
      throw error
    }
  }

  memory(): WebAssembly.Memory {
    return this.#exports!.memory as WebAssembly.Memory
  }

  /** Where v86 keeps translations. */
  room(): TranslationMemory {
    return { ...this.#exports!, table: this.#table! } as unknown as TranslationMemory
  }

  async withoutZeroing(restore: () => Promise<void>): Promise<void> {
    this.#open = false
    try {
      await restore()
    } finally {
      this.#open = true
    }
  }
}
