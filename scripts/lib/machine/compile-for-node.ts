/**
 * v86 compiled for Node, which unlike a browser's V8 does as it is told: v86 itself is optimised at once, and its
 * translations early, at 2^17 instructions (web/src/vm/compile-v86.ts), but optimised only after a thousand times the work
 * that V8 waits for. Measured with Node 20 on two idle cores, seconds of processor time in order: 15 times `docker run`, 15
 * times run, exec and rm, sha256sum of 20 MB, Python twice, 10 times each of three commands that only read:
 *
 *   2^22, V8's own tiering           13   17   13   14   51   4
 *   2^17, baseline compiler alone    11   13   14   17   43   3
 *   2^17, as here                    14   15   11    9   37   4
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { compileV86 } from '../../../web/src/vm/compile-v86.ts'

const THRESHOLD_BITS = 17
/** What jumps take from a function until it is optimised, in bytes of their distances; V8's own is 1 800 000. */
const TIERING_BUDGET = 2_000_000_000

let compiled: Promise<WebAssembly.Module> | undefined

/** One module serves every machine of the process. */
export function compileForNode(): Promise<WebAssembly.Module> {
  return (compiled ??= compile())
}

async function compile(): Promise<WebAssembly.Module> {
  const wasm = new Uint8Array(await readFile(fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86')))))
  setFlagsFromString('--no-wasm-dynamic-tiering')
  const module = await compileV86(wasm, THRESHOLD_BITS)
  setFlagsFromString('--wasm-dynamic-tiering')
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`)
  return module
}
