/**
 * Classic BPF as seccomp takes it: `struct sock_filter {u16 code; u8 jt; u8 jf; u32 k}`, 8 bytes little endian
 * (linux/filter.h, networking/filter.rst). Jumps count instructions from the next one.
 */
import { EngineError } from '../../../protocol/errors.ts'

export interface BpfInstruction {
  code: number
  jt: number
  jf: number
  k: number
}

export const BPF = {
  LD_W_ABS: 0x20,
  ALU_AND_K: 0x54,
  JA: 0x05,
  JEQ_K: 0x15,
  JGT_K: 0x25,
  JGE_K: 0x35,
  RET_K: 0x06,
} as const

/** linux/bpf_common.h BPF_MAXINSNS: the kernel refuses longer filters. */
const MAX_INSTRUCTIONS = 4096

export const load = (offset: number): BpfInstruction => ({ code: BPF.LD_W_ABS, jt: 0, jf: 0, k: offset })
export const and = (mask: number): BpfInstruction => ({ code: BPF.ALU_AND_K, jt: 0, jf: 0, k: mask >>> 0 })
export const ret = (value: number): BpfInstruction => ({ code: BPF.RET_K, jt: 0, jf: 0, k: value >>> 0 })
export const jump = (distance: number): BpfInstruction => ({ code: BPF.JA, jt: 0, jf: 0, k: distance })

/**
 * `if (A <test> k) goes over `whenFalse` to `whenTrue`; both lie behind it in this order. Conditional jumps hold 8 bits,
 * so a long `whenFalse` is passed by a `ja`.
 */
export function branch(
  code: number,
  k: number,
  whenFalse: BpfInstruction[],
  whenTrue: BpfInstruction[],
): BpfInstruction[] {
  const short = whenFalse.length <= 255
  const test = { code, jt: short ? whenFalse.length : 0, jf: short ? 0 : 1, k: k >>> 0 }
  return [test, ...(short ? [] : [jump(whenFalse.length)]), ...whenFalse, ...whenTrue]
}

const isConditional = ({ code }: BpfInstruction): boolean =>
  code === BPF.JEQ_K || code === BPF.JGT_K || code === BPF.JGE_K
const isReturn = ({ code }: BpfInstruction): boolean => code === BPF.RET_K
/** Farther than a conditional jump reaches. */
const FAR = 256

/**
 * The same program with each answer once, at its end: the kernel translates and hashes every instruction of each container's
 * filter. A program that is too long for its conditional jumps to reach its end stays as it is.
 */
export function shareReturns(program: readonly BpfInstruction[]): readonly BpfInstruction[] {
  // What is reached by going on, and not by a jump, has to stay where it is.
  const goesOn = (at: number): boolean => {
    const before = program[at - 1]
    return before !== undefined && !isConditional(before) && !isReturn(before) && before.code !== BPF.JA
  }
  const stays = program.map((instruction, at) => !isReturn(instruction) || at === 0 || goesOn(at))
  const answers = [...new Set(program.filter((_, at) => !stays[at]).map(({ k }) => k))]
  const count = stays.filter(Boolean).length
  let next = 0
  const places = program.map(({ k }, at) => (stays[at] ? next++ : count + answers.indexOf(k)))
  const moved = program.flatMap((instruction, at) => {
    if (!stays[at]) return []
    const distance = (jump: number): number => places[at + 1 + jump]! - places[at]! - 1
    if (instruction.code === BPF.JA) return { ...instruction, k: distance(instruction.k) }
    if (!isConditional(instruction)) return instruction
    return { ...instruction, jt: distance(instruction.jt), jf: distance(instruction.jf) }
  })
  if (moved.some(({ jt, jf }) => jt >= FAR || jf >= FAR)) return program
  return [...moved, ...answers.map(ret)]
}

export function encodeBpf(program: readonly BpfInstruction[]): Uint8Array {
  if (program.length > MAX_INSTRUCTIONS) {
    throw new EngineError(
      'invalid',
      `the filter has ${program.length} instructions, the kernel takes ${MAX_INSTRUCTIONS}`,
    )
  }
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, jt)
    view.setUint8(index * 8 + 3, jf)
    view.setUint32(index * 8 + 4, k, true)
  })
  return bytes
}
