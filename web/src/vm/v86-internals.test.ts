import { expect, test } from 'vitest'
import { keepRegisters } from './v86-internals.ts'

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
