/**
 * OCI device rules → an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE (cgroup-v2.rst, Device controller; linux/bpf.h,
 * struct bpf_cgroup_dev_ctx). Later rules win, so they are tested from the last to the first; no match is a refusal.
 * Instructions are 8 bytes: opcode u8, dst:4 src:4, off i16, imm i32.
 */
import { EngineError } from '../../../protocol/errors.ts'
import type { OciDeviceRule } from '../spec.ts'

interface Instruction {
  code: number
  dst: number
  src: number
  off: number
  imm: number
}

/** Registers: r1 context, r2 device type, r3 access, r4 major, r5 minor, r6 scratch. */
const R = { result: 0, context: 1, type: 2, access: 3, major: 4, minor: 5, scratch: 6 } as const
const OP = {
  LDXW: 0x61,
  ANDK: 0x54,
  RSHK: 0x74,
  MOVK: 0xb4,
  MOVX: 0xbc,
  JNEK: 0x56,
  JNEX: 0x5e,
  EXIT: 0x95,
} as const
/** BPF_DEVCG_DEV_* and BPF_DEVCG_ACC_*. */
const TYPE = { b: 1, c: 2 } as const
const ACCESS: Record<string, number> = { m: 1, r: 2, w: 4 }
const ALL_ACCESS = 7

const make = (code: number, dst: number, src: number, off: number, imm: number): Instruction => ({
  code,
  dst,
  src,
  off,
  imm,
})

const ANSWER = (allow: boolean): Instruction[] => [
  make(OP.MOVK, R.result, 0, 0, allow ? 1 : 0),
  make(OP.EXIT, 0, 0, 0, 0),
]

const PROLOGUE: Instruction[] = [
  make(OP.LDXW, R.type, R.context, 0, 0),
  make(OP.MOVX, R.access, R.type, 0, 0),
  make(OP.ANDK, R.type, 0, 0, 0xffff),
  make(OP.RSHK, R.access, 0, 0, 16),
  make(OP.LDXW, R.major, R.context, 4, 0),
  make(OP.LDXW, R.minor, R.context, 8, 0),
]

export function compileDeviceRules(rules: readonly OciDeviceRule[]): Uint8Array {
  const last = [{ allow: false }, ...rules].reverse()
  // A rule for everything ends the program: the verifier refuses instructions that nothing reaches.
  const end = last.findIndex(isForEverything)
  return encode([...PROLOGUE, ...last.slice(0, end + 1).flatMap(ruleCode)])
}

const isForEverything = (rule: OciDeviceRule): boolean =>
  rule.type !== 'b' &&
  rule.type !== 'c' &&
  accessMask(rule) === ALL_ACCESS &&
  (rule.major ?? -1) < 0 &&
  (rule.minor ?? -1) < 0

/** A deny rule for some of the accesses refuses a request that includes any of them; an allow rule must cover all. */
function ruleCode(rule: OciDeviceRule): Instruction[] {
  const access = accessMask(rule)
  const tests: ((skip: number) => Instruction)[] = []
  if (rule.type === 'b' || rule.type === 'c') {
    const type = TYPE[rule.type]
    tests.push((skip) => make(OP.JNEK, R.type, 0, skip, type))
  }
  if (access !== ALL_ACCESS) tests.push(...accessTests(access, rule.allow))
  for (const [register, value] of [
    [R.major, rule.major],
    [R.minor, rule.minor],
  ] as const) {
    if (value !== undefined && value >= 0) tests.push((skip) => make(OP.JNEK, register, 0, skip, value))
  }
  const answer = ANSWER(rule.allow)
  return [...tests.map((test, index) => test(tests.length - index - 1 + answer.length)), ...answer]
}

function accessTests(access: number, allow: boolean): ((skip: number) => Instruction)[] {
  const copy = (): Instruction => make(OP.MOVX, R.scratch, R.access, 0, 0)
  const mask = (): Instruction => make(OP.ANDK, R.scratch, 0, 0, access)
  if (allow) return [copy, mask, (skip) => make(OP.JNEX, R.scratch, R.access, skip, 0)]
  const JEQK = 0x16
  return [copy, mask, (skip) => make(JEQK, R.scratch, 0, skip, 0)]
}

function accessMask({ access }: OciDeviceRule): number {
  if (access === undefined || access === '') return ALL_ACCESS
  return [...access].reduce((mask, letter) => {
    const bit = ACCESS[letter]
    if (bit === undefined)
      throw new EngineError('invalid', `device access "${access}" is not made of r, w and m`, { access })
    return mask | bit
  }, 0)
}

function encode(program: Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  program.forEach(({ code, dst, src, off, imm }, index) => {
    view.setUint8(index * 8, code)
    view.setUint8(index * 8 + 1, (src << 4) | dst)
    view.setInt16(index * 8 + 2, off, true)
    view.setInt32(index * 8 + 4, imm, true)
  })
  return bytes
}
