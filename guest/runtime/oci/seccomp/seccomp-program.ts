/**
 * OCI seccomp (config-linux.md, Seccomp) → a classic BPF filter for i386. Runs of system calls with the same answer are the
 * leaves of a balanced search tree, so a call costs about log2(runs) comparisons.
 */
import { EngineError } from '../../../protocol/errors.ts'
import { BPF, branch, encodeBpf, load, ret, shareReturns, type BpfInstruction } from './bpf.ts'
import { conditionProgram } from './seccomp-conditions.ts'
import type { OciSeccomp, SeccompAction, SeccompArgument } from '../spec.ts'
import { I386_SYSCALLS } from './syscalls-i386.ts'

/** linux/audit.h */
const AUDIT_ARCH_I386 = 0x40000003
/** struct seccomp_data: nr, arch, instruction pointer, six 64-bit arguments. */
const DATA = { nr: 0, arch: 4 } as const

/** linux/seccomp.h SECCOMP_RET_*; the low 16 bits are data. */
const ACTIONS: Record<SeccompAction, number> = {
  SCMP_ACT_KILL: 0x00000000,
  SCMP_ACT_KILL_THREAD: 0x00000000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
}

const FLAGS: Record<string, number> = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
}

const EPERM = 1

interface Rule {
  args: SeccompArgument[]
  action: number
}

/** A run of system call numbers from `first` on that share one answer. */
interface Run {
  first: number
  key: string
  code: BpfInstruction[]
}

/** By profile: compiling Docker's takes longer than all the rest of a plan, and most containers have the same one. */
const programs = new WeakMap<OciSeccomp, Uint8Array>()

/** The program is remembered with the profile object, which must not change afterwards. */
export function compileSeccomp(seccomp: OciSeccomp): Uint8Array {
  const known = programs.get(seccomp)
  if (known) return known
  const program = compile(seccomp)
  programs.set(seccomp, program)
  return program
}

function compile(seccomp: OciSeccomp): Uint8Array {
  const fallback = actionValue(seccomp.defaultAction, seccomp.defaultErrnoRet)
  const tree = searchTree(runs(collectRules(seccomp), fallback))
  const program = [
    load(DATA.arch),
    { code: BPF.JEQ_K, jt: 1, jf: 0, k: AUDIT_ARCH_I386 },
    ret(ACTIONS.SCMP_ACT_KILL_PROCESS),
    load(DATA.nr),
    ...tree,
  ]
  return encodeBpf(shareReturns(program))
}

export function seccompFlags(seccomp: OciSeccomp): number {
  return (seccomp.flags ?? []).reduce((flags, name) => {
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined
    if (flag === undefined)
      throw new EngineError('invalid', `seccomp: unknown flag "${name}"`, { flag: name })
    return flags | flag
  }, 0)
}

function actionValue(action: SeccompAction, errnoRet: number | undefined): number {
  const value = ACTIONS[action]
  if (value === undefined)
    throw new EngineError('invalid', `seccomp: action "${action}" is not supported`, { action })
  const data = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE' ? (errnoRet ?? EPERM) : 0
  return value + (data & 0xffff)
}

/** Names that this architecture lacks are skipped, as libseccomp does: profiles are written for many. */
function collectRules(seccomp: OciSeccomp): Map<number, Rule[]> {
  const rules = new Map<number, Rule[]>()
  for (const { names, action, errnoRet, args } of seccomp.syscalls ?? []) {
    const value = actionValue(action, errnoRet)
    for (const name of names) {
      const number = Object.hasOwn(I386_SYSCALLS, name) ? I386_SYSCALLS[name] : undefined
      if (number === undefined) continue
      const list = rules.get(number) ?? []
      list.push(...alternatives(args ?? []).map((conditions) => ({ args: conditions, action: value })))
      rules.set(number, list)
    }
  }
  return rules
}

/** Conditions are joined by "and", unless one argument appears twice: then each is a rule of its own, as in runC. */
function alternatives(args: SeccompArgument[]): SeccompArgument[][] {
  const indexes = new Set(args.map(({ index }) => index))
  return indexes.size === args.length ? [args] : args.map((argument) => [argument])
}

function runs(rules: Map<number, Rule[]>, fallback: number): Run[] {
  const result: Run[] = [{ first: 0, key: String(fallback), code: [ret(fallback)] }]
  const append = (run: Run): void => {
    const last = result[result.length - 1]!
    if (last.first === run.first) result[result.length - 1] = run
    else if (last.key !== run.key) result.push(run)
  }
  for (const number of [...rules.keys()].sort((a, b) => a - b)) {
    append(answerOf(number, rules.get(number)!, fallback))
    append({ first: number + 1, key: String(fallback), code: [ret(fallback)] })
  }
  return result.filter((run, index) => index === 0 || run.key !== result[index - 1]!.key)
}

/** A rule without conditions decides whatever others say; otherwise the first that holds. */
function answerOf(number: number, rules: Rule[], fallback: number): Run {
  const always = rules.find(({ args }) => args.length === 0)
  if (always !== undefined) return { first: number, key: String(always.action), code: [ret(always.action)] }
  const code = rules.reduceRight<BpfInstruction[]>(
    (otherwise, rule) => conditionProgram(rule.args, [ret(rule.action)], otherwise),
    [ret(fallback)],
  )
  return { first: number, key: `conditions of ${number}`, code }
}

function searchTree(list: Run[]): BpfInstruction[] {
  if (list.length === 1) return list[0]!.code
  const middle = list.length >> 1
  return branch(
    BPF.JGE_K,
    list[middle]!.first,
    searchTree(list.slice(0, middle)),
    searchTree(list.slice(middle)),
  )
}
