import { EngineError } from '../../../guest/protocol/errors.ts'

/** Bytes of a wasm page: https://webassembly.github.io/spec/core/exec/runtime.html#page-size */
const WASM_PAGE = 65_536
const MIB = 1024 * 1024
/** MiB that v86 itself takes beside the guest's memory, and those that unpacking a state takes for a moment. */
const OVERHEAD_MIB = 96

/** Throws an EngineError that says what the browser lacks to run a guest of `memory` MiB. */
export function checkHost(memory: number): void {
  if ((globalThis as { WebAssembly?: unknown }).WebAssembly === undefined) {
    throw new EngineError(
      'not-supported',
      'this browser has no WebAssembly (or it is switched off, as Lockdown Mode does), which the machine is made of',
    )
  }
  try {
    // Reserves the memory and gives it back at once, because v86 could not say why it failed.
    new WebAssembly.Memory({ initial: ((memory + OVERHEAD_MIB) * MIB) / WASM_PAGE })
  } catch (cause) {
    const message = `there is not enough memory for a guest of ${memory} MiB: close other tabs, or choose a smaller guest`
    throw new EngineError('exhausted', message, { memory }, cause)
  }
}
