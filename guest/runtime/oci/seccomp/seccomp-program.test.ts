import { expect, test } from 'vitest'
import { compileSeccomp, seccompFlags } from './seccomp-program.ts'
import { dockerSeccomp } from './seccomp-default.ts'
import { DOCKER_CAPABILITIES } from '../process/capabilities.ts'
import { I386_SYSCALLS } from './syscalls-i386.ts'
import type { OciSeccomp, SeccompArgument } from '../spec.ts'

const ALLOW = 0x7fff0000
const ERRNO = 0x50000
const KILL_PROCESS = 0x80000000
const I386 = 0x40000003

/** The kernel's filter machine, as far as programs of ours use it (net/core/filter.c, seccomp(2)). */
function filter(program: Uint8Array, call: string | number, args: bigint[] = [], arch = I386): number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, typeof call === 'number' ? call : I386_SYSCALLS[call]!, true)
  data.setUint32(4, arch, true)
  args.forEach((value, index) => data.setBigUint64(16 + index * 8, value, true))
  const view = new DataView(program.buffer, program.byteOffset, program.length)
  let accumulator = 0
  for (let at = 0; at < program.length / 8; at++) {
    const code = view.getUint16(at * 8, true)
    const k = view.getUint32(at * 8 + 4, true)
    const jump = (taken: boolean): number => view.getUint8(at * 8 + (taken ? 2 : 3))
    if (code === 0x20) accumulator = data.getUint32(k, true)
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0
    else if (code === 0x05) at += k
    else if (code === 0x15) at += jump(accumulator === k)
    else if (code === 0x25) at += jump(accumulator > k)
    else if (code === 0x35) at += jump(accumulator >= k)
    else if (code === 0x06) return k
    else throw new Error(`instruction ${at} has code ${code}`)
  }
  throw new Error('the program ran off its end')
}

const policy = (args: SeccompArgument[], extra: Partial<OciSeccomp> = {}): OciSeccomp => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ALLOW', args }],
  ...extra,
})

test('a call of another architecture kills the process, whatever its number', () => {
  const program = compileSeccomp({ defaultAction: 'SCMP_ACT_ALLOW' })
  expect(filter(program, 'read', [], 0xc000003e)).toBe(KILL_PROCESS)
  expect(filter(program, 'read')).toBe(ALLOW)
})

test('every known system call and its neighbours get the answer of the list', () => {
  const names = Object.keys(I386_SYSCALLS).filter((_name, index) => index % 3 === 0)
  const program = compileSeccomp({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 7,
    syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }],
  })
  const allowed = new Set(names.map((name) => I386_SYSCALLS[name]))
  for (let number = 0; number < 520; number++) {
    expect(filter(program, number)).toBe(allowed.has(number) ? ALLOW : ERRNO + 7)
  }
})

test.each([
  ['SCMP_CMP_EQ', [false, true, false]],
  ['SCMP_CMP_NE', [true, false, true]],
  ['SCMP_CMP_LT', [true, false, false]],
  ['SCMP_CMP_LE', [true, true, false]],
  ['SCMP_CMP_GE', [false, true, true]],
  ['SCMP_CMP_GT', [false, false, true]],
] as const)('%s compares all 64 bits', (op, expected) => {
  for (const value of [5, 0xfffffff0, 0x1_0000_0005]) {
    const program = compileSeccomp(policy([{ index: 1, value, op }]))
    const around = [-1n, 0n, 1n].map(
      (delta) => filter(program, 'personality', [0n, BigInt(value) + delta]) === ALLOW,
    )
    expect(around).toEqual(expected)
    const higher = filter(program, 'personality', [0n, BigInt(value) + (1n << 40n)]) === ALLOW
    expect(higher).toBe(['SCMP_CMP_NE', 'SCMP_CMP_GE', 'SCMP_CMP_GT'].includes(op))
  }
})

test('a masked comparison looks at the mask’s bits only', () => {
  const program = compileSeccomp(
    policy([{ index: 0, value: 0xf0, valueTwo: 0x10, op: 'SCMP_CMP_MASKED_EQ' }]),
  )
  expect(filter(program, 'personality', [0x1fn])).toBe(ALLOW)
  expect(filter(program, 'personality', [0x2fn])).toBe(ERRNO + 1)
})

test('conditions on different arguments must all hold, on one argument any', () => {
  const both = compileSeccomp(
    policy([
      { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
      { index: 1, value: 2, op: 'SCMP_CMP_EQ' },
    ]),
  )
  expect(filter(both, 'personality', [1n, 2n])).toBe(ALLOW)
  expect(filter(both, 'personality', [1n, 3n])).toBe(ERRNO + 1)
  const any = compileSeccomp(
    policy([
      { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
      { index: 0, value: 2, op: 'SCMP_CMP_EQ' },
    ]),
  )
  expect([1n, 2n, 3n].map((value) => filter(any, 'personality', [value]))).toEqual([ALLOW, ALLOW, ERRNO + 1])
})

test('an unknown action or flag is refused by name', () => {
  expect(() => compileSeccomp({ defaultAction: 'SCMP_ACT_NOTIFY' as never })).toThrow(/SCMP_ACT_NOTIFY/)
  expect(() => seccompFlags({ defaultAction: 'SCMP_ACT_ALLOW', flags: ['X'] })).toThrow(/unknown flag "X"/)
})

const docker = compileSeccomp(dockerSeccomp(DOCKER_CAPABILITIES))

test.each(['read', 'write', 'execve', 'socket', 'futex', 'clone', 'openat2', 'chroot', 'ptrace', 'statx'])(
  "Docker's default lets %s through",
  (call) => expect(filter(docker, call)).toBe(ALLOW),
)

test.each([
  'mount',
  'umount2',
  'bpf',
  'keyctl',
  'reboot',
  'init_module',
  'unshare',
  'setns',
  'pivot_root',
  'syslog',
  'swapon',
])("Docker's default answers EPERM to %s", (call) => expect(filter(docker, call)).toBe(ERRNO + 1))

test("Docker's default lets clone make threads and processes but no namespace, and hides clone3", () => {
  expect(filter(docker, 'clone', [0x3d0f00n])).toBe(ALLOW)
  for (const flag of [0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, 0x10000000n, 0x20000000n, 0x40000000n]) {
    expect(filter(docker, 'clone', [flag | 17n])).toBe(ERRNO + 1)
  }
  expect(filter(docker, 'clone3')).toBe(ERRNO + 38)
})

test("each answer is in Docker's default once, at its end", () => {
  const codes = Array.from({ length: docker.length / 8 }, (_, at) => docker[at * 8])
  const first = codes.indexOf(0x06)
  expect(codes.slice(first).every((code) => code === 0x06)).toBe(true)
  expect(codes.length - first).toBeLessThan(6)
})

test('a program that is too long to jump to its end answers as a short one', () => {
  const names = Object.keys(I386_SYSCALLS)
  const syscalls = names.map((name, at) => ({
    names: [name],
    action: 'SCMP_ACT_ERRNO' as const,
    errnoRet: (at % 7) + 1,
  }))
  const program = compileSeccomp({ defaultAction: 'SCMP_ACT_ALLOW', syscalls })
  expect(program.length / 8).toBeGreaterThan(500)
  for (const [at, name] of names.entries()) expect(filter(program, name)).toBe(ERRNO + (at % 7) + 1)
  expect(filter(program, 9999)).toBe(ALLOW)
})

test('CAP_SYS_ADMIN gives mount, clone3 and namespaces back', () => {
  const admin = compileSeccomp(dockerSeccomp(['CAP_SYS_ADMIN']))
  for (const call of ['mount', 'clone3', 'setns', 'bpf']) expect(filter(admin, call)).toBe(ALLOW)
  expect(filter(admin, 'clone', [0x10000000n])).toBe(ALLOW)
  expect(filter(admin, 'reboot')).toBe(ERRNO + 1)
})
