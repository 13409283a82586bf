import { expect, test } from 'vitest'
import { forgetTscOffset, keepRegisters, withoutMemory } from './v86-internals.ts'

test('registers that v86 puts aside when it restores come into the processor, and its views back', () => {
  const processor = { last_result: [1], fpu_status_word: [2], mxcsr: [3] }
  const cpu = { ...processor }
  const repair = keepRegisters(cpu)
  cpu.last_result = [10]
  cpu.mxcsr = [30]
  repair()
  expect(processor).toEqual({ last_result: [10], fpu_status_word: [2], mxcsr: [30] })
  expect(cpu.last_result).toBe(processor.last_result)
  expect(cpu.mxcsr).toBe(processor.mxcsr)
})

test('a state without memory says so of every page, whatever becomes of its saving', async () => {
  const pack_memory = () => ({
    bitmap: { get_buffer: () => new ArrayBuffer(1) },
    packed_memory: new Uint8Array(9),
  })
  const cpu = { mem8: { byteOffset: 0, length: 1 << 20 }, pack_memory }
  const { bitmap, packed_memory } = await withoutMemory(cpu, () => Promise.resolve(cpu.pack_memory()))
  expect([bitmap.get_buffer().byteLength, packed_memory.length]).toEqual([32, 0])
  expect(cpu.pack_memory).toBe(pack_memory)
  await expect(withoutMemory(cpu, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(cpu.pack_memory).toBe(pack_memory)
})

test('a counter that was set before can be set again', () => {
  // As v86 has it, in ticks.
  let [raw, offset] = [0n, 0n]
  const read = () => BigInt.asUintN(64, raw - offset)
  const cpu = {
    current_tsc: [0, 0],
    store_current_tsc: () => void (cpu.current_tsc = [Number(read() & 0xffffffffn), Number(read() >> 32n)]),
    set_tsc: (low: number, high: number) => void (offset = read() - (BigInt(low) | (BigInt(high) << 32n))),
  }
  for (const [elapsed, value] of [
    [5n, 9],
    [7n, 3],
    [1n, 2 ** 31],
  ] as const) {
    raw += elapsed
    forgetTscOffset(cpu)
    cpu.set_tsc(value, 1)
    expect(read()).toBe(BigInt(value) + 2n ** 32n)
  }
})
