/**
 * v86 interprets a page of code until 200 000 instructions of it have run, and only then translates it to WebAssembly: a
 * constant of its (`JIT_THRESHOLD` in src/rust/jit.rs of 0.5.462), out of reach of `set_jit_config`. A browser then
 * compiles the translation twice, and the second, optimising time costs 0.2 to 1.2 s of a core for each page of code: V8
 * charges a function's budget with the distance of every jump, and in functions as large as these a few hundred jumps use
 * it up. A snapshot's guest has all of its code cold, so hundreds of pages cross the line within the first commands, and
 * on two cores the guest waits for the compilers. Measured in Chromium 150 on two cores, in seconds, from the navigation
 * to a prompt, and for the first and the seventh `docker run` typed (from 3 000 000 on with yield-in-place.ts, which was
 * worth 2 s of the first two columns at 2^22):
 *
 *   threshold      prompt   first   seventh   CPU of the seventh
 *   30 000          22.9     21.4      8.2        15.3
 *   1 000 000       12.1      9.9      4.2         7.2
 *   3 000 000       11.5      7.9      5.0         8.7
 *   10 000 000       9.3      4.9      3.9         5.3
 *   100 000 000     11.4      5.0      4.0         4.4
 *
 * Programs that compute (sha256sum, Python, Node) are fastest at about 3 000 000.
 */
const THRESHOLD_BITS = 22

/** Opcodes: https://webassembly.github.io/spec/core/binary/instructions.html */
const I32_CONST = 0x41
const I32_EQZ = 0x45
const I32_LT_U = 0x49
const I32_SHR_U = 0x76
const BR_IF = 0x0d
const NOP = 0x01

/** 200 000 in signed LEB128. */
const DEFAULT_THRESHOLD = [0xc0, 0x9a, 0x0c]

/** Leaves when hotness < 200 000. */
const COMPARISON = [I32_CONST, ...DEFAULT_THRESHOLD, I32_LT_U, BR_IF, 0]
/** Leaves when hotness >> bits is 0: as long as the comparison, so that nothing moves. */
const replacement = (bits: number): number[] => [I32_CONST, bits, I32_SHR_U, I32_EQZ, NOP, BR_IF, 0]

/**
 * Sets the threshold of v86.wasm in place to 2^bits instructions, bits below 64; leaves another build, without exactly one
 * such place, as it is.
 */
export function setThreshold<Bytes extends Uint8Array>(wasm: Bytes, bits: number): Bytes {
  const places: number[] = []
  for (let at = wasm.indexOf(I32_CONST); at >= 0; at = wasm.indexOf(I32_CONST, at + 1)) {
    if (COMPARISON.every((byte, index) => wasm[at + index] === byte)) places.push(at)
  }
  const [place, ...others] = places
  if (place !== undefined && others.length === 0) wasm.set(replacement(bits), place)
  return wasm
}

/** The index of this setting in set_jit_config, src/rust/jit.rs. */
const MAX_PAGES = 1

/**
 * v86 makes one function of up to three pages of code that call each other, and a browser's optimising compiler needs more
 * than three times as long for it. Measured as above at 2^22, two cores of which one was busy, in seconds of the guest's
 * thread and of the compilers, for docker version, pull, eight times run, a sum in Python and sha256sum of 30 MB; and the
 * seconds of the last alone:
 *
 *   pages                       guest   compilers   sha256sum
 *   3 (v86's)                      49          47          16
 *   2                              48          35          15
 *   1                              52          22          18
 *   1, at most 50 extra blocks     54          23          14
 *   no translation at all         108           2          72
 */
export function limitTranslations(exports: WebAssembly.Exports): void {
  const setJitConfig = exports.set_jit_config as (index: number, value: number) => void
  setJitConfig(MAX_PAGES, 1)
}

/**
 * Compiles v86.
 * @param wasm the contents of v86.wasm, which this changes
 * @param thresholdBits after how many instructions, as a power of two, code is translated; by default what suits browsers
 */
export function compileV86(
  wasm: Uint8Array<ArrayBuffer>,
  thresholdBits = THRESHOLD_BITS,
): Promise<WebAssembly.Module> {
  setThreshold(wasm, thresholdBits)
  return WebAssembly.compile(wasm)
}
