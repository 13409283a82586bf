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
