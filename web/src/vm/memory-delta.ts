/**
 * What of a machine's memory is not as in the snapshot that it began from. Pages are compared by hashes of 64 bits, which
 * the build ships beside the snapshot: the snapshot itself is compressed, and too large to be kept for a comparison.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'

/** Bytes. */
export const PAGE_SIZE = 4096
const WORDS = PAGE_SIZE / 4
/** Words of a page's hash. */
const HASH_WORDS = 2

export interface MemoryDelta {
  /** Numbers of the pages whose content is in `content`, in its order. */
  pages: Uint32Array
  content: Uint8Array
  /** Numbers of the pages that are all zero now and were not. */
  zeroed: Uint32Array
}

/** Bytes of the hashes of a machine's memory. @param memory MiB */
export const hashBytes = (memory: number): number => ((memory * 2 ** 20) / PAGE_SIZE) * HASH_WORDS * 4

/** Two words for each page; a page of zeros has two zeros. */
export function hashPages(memory: Uint8Array): Uint32Array {
  const words = wordsOf(memory)
  const hashes = new Uint32Array((memory.length / PAGE_SIZE) * HASH_WORDS)
  for (let page = 0; page * WORDS < words.length; page++) hashPage(words, page, hashes)
  return hashes
}

/** @param hashes those of the memory's pages @param base those of the snapshot's */
export function memoryDelta(memory: Uint8Array, hashes: Uint32Array, base: Uint32Array): MemoryDelta {
  if (hashes.length !== base.length)
    throw new EngineError('internal', 'the machine has not as much memory as its snapshot')
  const changed: number[] = []
  const zeroed: number[] = []
  for (let page = 0; page * HASH_WORDS < hashes.length; page++) {
    const at = page * HASH_WORDS
    if (hashes[at] === base[at] && hashes[at + 1] === base[at + 1]) continue
    const isZero = hashes[at] === 0 && hashes[at + 1] === 0
    ;(isZero ? zeroed : changed).push(page)
  }
  const content = new Uint8Array(changed.length * PAGE_SIZE)
  for (const [at, page] of changed.entries())
    content.set(memory.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE), at * PAGE_SIZE)
  return { pages: Uint32Array.from(changed), content, zeroed: Uint32Array.from(zeroed) }
}

/** Makes of the snapshot's memory the one that the delta was taken of. @throws EngineError `corrupt` before anything is changed */
export function applyMemoryDelta(memory: Uint8Array, { pages, content, zeroed }: MemoryDelta): void {
  const count = memory.length / PAGE_SIZE
  const outside = [...pages, ...zeroed].find((page) => page >= count)
  if (outside !== undefined || content.length !== pages.length * PAGE_SIZE)
    throw new EngineError('corrupt', 'a saved machine has pages that its memory has not')
  for (const [at, page] of pages.entries())
    memory.set(content.subarray(at * PAGE_SIZE, (at + 1) * PAGE_SIZE), page * PAGE_SIZE)
  for (const page of zeroed) memory.fill(0, page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
}

const wordsOf = (memory: Uint8Array): Int32Array =>
  new Int32Array(memory.buffer, memory.byteOffset, memory.length / 4)

/** Two sums of products with odd factors (as FNV-1a, of words), of which zeros leave zero. */
function hashPage(words: Int32Array, page: number, hashes: Uint32Array): void {
  let [one, other] = [0, 0]
  let any = 0
  const end = (page + 1) * WORDS
  for (let at = page * WORDS; at < end; at++) {
    const word = words[at]!
    any |= word
    one = Math.imul(one ^ word, 0x01000193)
    one ^= one >>> 15
    other = Math.imul(other + word, 0x9e3779b1)
    other ^= other >>> 13
  }
  if (any === 0) return
  // No page but one of zeros has two zeros.
  hashes[page * HASH_WORDS] = one === 0 && other === 0 ? 1 : one
  hashes[page * HASH_WORDS + 1] = other
}
