/**
 * v86 interprets a page of code until 200 000 instructions of it have run, and only then translates it. That is a constant
 * of its (`JIT_THRESHOLD` in src/rust/jit.rs of 0.5.462), out of reach of `set_jit_config`. A guest that starts from a
 * snapshot has all of its code cold: an engine's first twenty commands then run mostly interpreted. With 30 000 the first
 * `docker run` after a restore takes 0.66 s of the emulator's thread instead of 1.50 s, the tenth 0.51 s instead of
 * 0.85 s; with 10 000 it is the same, and more is translated in vain.
 */
const THRESHOLD = 30_000
const DEFAULT_THRESHOLD = 200_000

/** i32.const, i32.lt_u, br_if 0: how the constant is used. */
const CONST = 0x41
const AFTER = [0x49, 0x0d, 0x00]

/** Signed LEB128 in three bytes, so that nothing moves: https://webassembly.github.io/spec/core/binary/values.html */
const leb128 = (value: number): number[] => [
  (value & 0x7f) | 0x80,
  ((value >> 7) & 0x7f) | 0x80,
  (value >> 14) & 0x7f,
]

/** v86.wasm with its threshold lowered in place; another build of it, without exactly one such place, stays as it is. */
export function lowerThreshold<Bytes extends Uint8Array>(wasm: Bytes): Bytes {
  const wanted = [CONST, ...leb128(DEFAULT_THRESHOLD), ...AFTER]
  const places: number[] = []
  for (let at = wasm.indexOf(CONST); at >= 0; at = wasm.indexOf(CONST, at + 1)) {
    if (wanted.every((byte, index) => wasm[at + index] === byte)) places.push(at)
  }
  const [place, ...others] = places
  if (place !== undefined && others.length === 0) wasm.set(leb128(THRESHOLD), place + 1)
  return wasm
}

/** `wasm`: the contents of v86.wasm; changed by it. */
export function compileV86(wasm: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  lowerThreshold(wasm)
  return WebAssembly.compile(wasm)
}
