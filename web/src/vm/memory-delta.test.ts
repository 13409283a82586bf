import { expect, test } from 'vitest'
import { applyMemoryDelta, hashPages, memoryDelta, PAGE_SIZE } from './memory-delta.ts'

/** Memory of pages that each hold one number, at one place. */
function memoryOf(contents: readonly number[], at = 100): Uint8Array {
  const memory = new Uint8Array(contents.length * PAGE_SIZE)
  contents.forEach((content, page) => (memory[page * PAGE_SIZE + at] = content))
  return memory
}

const BASE = [1, 2, 0, 4, 0]

const deltaOf = (memory: Uint8Array, base: Uint8Array) =>
  memoryDelta(memory, hashPages(memory), hashPages(base))

test('a delta holds the pages that are not as before, and those that are zero now', () => {
  const now = memoryOf([1, 9, 3, 0, 0])
  const delta = deltaOf(now, memoryOf(BASE))
  expect([[...delta.pages], [...delta.zeroed], delta.content.length]).toEqual([[1, 2], [3], 2 * PAGE_SIZE])
  const restored = memoryOf(BASE)
  applyMemoryDelta(restored, delta)
  expect(restored).toEqual(now)
})

test('memory that has not changed has no delta', () => {
  const delta = deltaOf(memoryOf(BASE), memoryOf(BASE))
  expect([delta.pages.length, delta.zeroed.length, delta.content.length]).toEqual([0, 0, 0])
})

test('every byte counts, and its place', () => {
  const seen = new Set<string>()
  for (let at = 0; at < PAGE_SIZE; at++) seen.add(hashPages(memoryOf([7], at)).join())
  for (let value = 1; value < 256; value++) seen.add(hashPages(memoryOf([value])).join())
  expect(seen.size).toBe(PAGE_SIZE + 254)
})

test('words that change places change a hash', () => {
  const memory = memoryOf([5])
  const other = memoryOf([5])
  memory.set([1, 2, 3, 4, 5, 6, 7, 8], 0)
  other.set([5, 6, 7, 8, 1, 2, 3, 4], 0)
  expect(hashPages(memory)).not.toEqual(hashPages(other))
})

test.each([
  ['a page beyond the memory', { pages: Uint32Array.of(5), content: new Uint8Array(PAGE_SIZE) }],
  ['a zeroed page beyond the memory', { zeroed: Uint32Array.of(5) }],
  ['less content than pages', { pages: Uint32Array.of(0) }],
])('%s changes nothing', (_what, change) => {
  const memory = memoryOf(BASE)
  const delta = { pages: new Uint32Array(), content: new Uint8Array(), zeroed: new Uint32Array(), ...change }
  expect(() => applyMemoryDelta(memory, delta)).toThrow(/pages that its memory has not/)
  expect(memory).toEqual(memoryOf(BASE))
})

test('memory of another size is told', () => {
  expect(() => deltaOf(memoryOf([1]), memoryOf([1, 2]))).toThrow(/as much memory/)
})
