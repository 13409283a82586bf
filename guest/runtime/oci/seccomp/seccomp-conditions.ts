/** Conditions on system call arguments as BPF: each argument is 64 bits, compared in two halves. */
import { BPF, and, branch, load, type BpfInstruction } from './bpf.ts'
import type { SeccompArgument } from '../spec.ts'

/** struct seccomp_data: args begin at byte 16, low half first (little endian). */
const lowOf = (index: number): number => 16 + index * 8
const highOf = (index: number): number => lowOf(index) + 4

const split = (value: number): { high: number; low: number } => {
  const whole = BigInt.asUintN(64, BigInt(value))
  return { high: Number(whole >> 32n), low: Number(whole & 0xffffffffn) }
}

/** `matched` when all conditions hold, else `otherwise`. Both must end in `ret`. */
export function conditionProgram(
  conditions: readonly SeccompArgument[],
  matched: BpfInstruction[],
  otherwise: BpfInstruction[],
): BpfInstruction[] {
  const tests = [...conditions].reduceRight<BpfInstruction[]>(
    (success, condition) => testArgument(condition, success, otherwise),
    matched,
  )
  return tests
}

function testArgument(
  { index, op, value, valueTwo }: SeccompArgument,
  yes: BpfInstruction[],
  no: BpfInstruction[],
): BpfInstruction[] {
  switch (op) {
    case 'SCMP_CMP_EQ':
      return equals(index, value, undefined, yes, no)
    case 'SCMP_CMP_NE':
      return equals(index, value, undefined, no, yes)
    case 'SCMP_CMP_MASKED_EQ':
      return equals(index, valueTwo ?? 0, value, yes, no)
    case 'SCMP_CMP_GT':
      return above(index, value, BPF.JGT_K, yes, no)
    case 'SCMP_CMP_GE':
      return above(index, value, BPF.JGE_K, yes, no)
    case 'SCMP_CMP_LE':
      return above(index, value, BPF.JGT_K, no, yes)
    case 'SCMP_CMP_LT':
      return above(index, value, BPF.JGE_K, no, yes)
  }
}

function equals(
  index: number,
  value: number,
  mask: number | undefined,
  yes: BpfInstruction[],
  no: BpfInstruction[],
): BpfInstruction[] {
  const wanted = split(value)
  const masked = mask === undefined ? undefined : split(mask)
  const half = (offset: number, maskHalf: number | undefined): BpfInstruction[] => [
    load(offset),
    ...(maskHalf === undefined ? [] : [and(maskHalf)]),
  ]
  const low = [...half(lowOf(index), masked?.low), ...branch(BPF.JEQ_K, wanted.low, no, yes)]
  return [...half(highOf(index), masked?.high), ...branch(BPF.JEQ_K, wanted.high, no, low)]
}

/** Unsigned: high halves decide unless equal. `test` (JGT or JGE) compares the low halves. */
function above(
  index: number,
  value: number,
  test: number,
  yes: BpfInstruction[],
  no: BpfInstruction[],
): BpfInstruction[] {
  const { high, low } = split(value)
  const lowTest = [load(lowOf(index)), ...branch(test, low, no, yes)]
  const notGreater = branch(BPF.JEQ_K, high, no, lowTest)
  return [load(highOf(index)), ...branch(BPF.JGT_K, high, notGreater, yes)]
}
