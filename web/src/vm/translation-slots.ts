/**
 * Room for translations. v86 0.5.462 has 899 places for functions (`WASM_TABLE_SIZE` in src/rust/jit.rs), and when none
 * is free it drops every translation and starts again. With a page of code per function one `docker run` is hot on more
 * pages than that. So its list of free places, a `Vec<u16>`, gets a longer buffer, and the table of functions grows.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'

/** Places of v86 itself, from index 1 on, and the place of index 0 in the table (`WASM_TABLE_OFFSET`). */
const OWN_SLOTS = 899
const TABLE_OFFSET = 1024

/** Exports of v86 and the table that it was given. */
export interface TranslationMemory {
  memory: WebAssembly.Memory
  table: WebAssembly.Table
  /** Bytes that v86's own allocator never gives away again. */
  v86_malloc(size: number): number
}

/**
 * Must be called between v86's `rust_init` and the first instruction, while all places are free and none of its functions
 * runs: another match may be what `rust_init` left on its stack, where a write does no harm.
 * @param limit the address up to which the list is looked for: the guest's memory begins there
 * @throws EngineError `internal` when another build of v86 keeps its free places elsewhere
 */
export function addTranslationSlots(v86: TranslationMemory, limit: number, slots: number): void {
  // The allocation may grow the memory, which detaches every view of it.
  const buffer = (v86.v86_malloc(2 * slots + 1) + 1) & ~1
  const lists = findFreeLists(v86.memory.buffer, limit)
  if (lists.length === 0) {
    throw new EngineError('internal', 'this version of v86 keeps its list of free translations elsewhere')
  }
  new Uint16Array(v86.memory.buffer, buffer, slots).set(ascending(slots))
  for (const at of lists) new Uint32Array(v86.memory.buffer, at, 3).set([slots, buffer, slots])
  v86.table.grow(TABLE_OFFSET + slots + 1 - v86.table.length)
}

const ascending = (count: number): Uint16Array => Uint16Array.from({ length: count }, (_, at) => at + 1)

/** Addresses of each Rust `Vec` {capacity, pointer, length} that holds v86's own indices, all of them. */
function findFreeLists(memory: ArrayBuffer, limit: number): number[] {
  const words = new Uint32Array(memory, 0, limit >>> 2)
  const free = ascending(OWN_SLOTS)
  const found: number[] = []
  for (let at = words.indexOf(OWN_SLOTS); at >= 0; at = words.indexOf(OWN_SLOTS, at + 1)) {
    const pointer = words[at + 1]!
    if (words[at + 2] !== OWN_SLOTS || pointer % 2 !== 0 || pointer + 2 * OWN_SLOTS > limit) continue
    const indices = new Uint16Array(memory, pointer, OWN_SLOTS)
    if (free.every((index, place) => indices[place] === index)) found.push(4 * at)
  }
  return found
}
