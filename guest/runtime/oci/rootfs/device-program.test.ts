import { expect, test } from 'vitest'
import { compileDeviceRules } from './device-program.ts'
import type { OciDeviceRule } from '../spec.ts'

const BITS: Record<string, number> = { m: 1, r: 2, w: 4 }

/** The kernel's eBPF machine for the eight instructions of these programs (bpf/standardization/instruction-set.rst). */
function allowed(
  rules: OciDeviceRule[],
  type: 'b' | 'c',
  major: number,
  minor: number,
  access: string,
): boolean {
  const program = compileDeviceRules(rules)
  const view = new DataView(program.buffer)
  const bits = [...access].reduce((mask, letter) => mask | BITS[letter]!, 0)
  const context = [(bits << 16) | (type === 'b' ? 1 : 2), major, minor]
  const register = new Array<number>(11).fill(0)
  for (let at = 0; at < program.length / 8; at++) {
    const code = view.getUint8(at * 8)
    const dst = view.getUint8(at * 8 + 1) & 15
    const src = view.getUint8(at * 8 + 1) >> 4
    const off = view.getInt16(at * 8 + 2, true)
    const imm = view.getInt32(at * 8 + 4, true)
    if (code === 0x61) register[dst] = context[off / 4]!
    else if (code === 0x54) register[dst]! &= imm
    else if (code === 0x74) register[dst] = register[dst]! >>> imm
    else if (code === 0xb4) register[dst] = imm
    else if (code === 0xbc) register[dst] = register[src]!
    else if (code === 0x56) at += register[dst] !== imm ? off : 0
    else if (code === 0x16) at += register[dst] === imm ? off : 0
    else if (code === 0x5e) at += register[dst] !== register[src] ? off : 0
    else if (code === 0x95) return register[0] === 1
    else throw new Error(`instruction ${at} has code ${code}`)
  }
  throw new Error('the program ran off its end')
}

const DENY_ALL: OciDeviceRule = { allow: false, access: 'rwm' }
const NULL: OciDeviceRule = { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }

test('without a rule that matches a device is refused', () => {
  expect(allowed([], 'c', 1, 3, 'r')).toBe(false)
})

test('an allow rule opens just its device', () => {
  expect(allowed([DENY_ALL, NULL], 'c', 1, 3, 'rw')).toBe(true)
  expect(allowed([DENY_ALL, NULL], 'c', 1, 5, 'r')).toBe(false)
  expect(allowed([DENY_ALL, NULL], 'b', 1, 3, 'r')).toBe(false)
})

test('an allow rule must cover every access asked for', () => {
  const rule: OciDeviceRule = { allow: true, type: 'c', major: 1, minor: 3, access: 'rm' }
  expect(allowed([rule], 'c', 1, 3, 'r')).toBe(true)
  expect(allowed([rule], 'c', 1, 3, 'rw')).toBe(false)
})

test('a deny rule refuses a request that includes one of its accesses', () => {
  const rules: OciDeviceRule[] = [NULL, { allow: false, type: 'c', major: 1, minor: 3, access: 'w' }]
  expect(allowed(rules, 'c', 1, 3, 'r')).toBe(true)
  expect(allowed(rules, 'c', 1, 3, 'rw')).toBe(false)
})

test('the last rule that matches wins', () => {
  expect(allowed([NULL, DENY_ALL], 'c', 1, 3, 'r')).toBe(false)
  expect(allowed([DENY_ALL, { allow: true, type: 'a' }], 'b', 8, 0, 'rwm')).toBe(true)
})

test('a rule without minor matches all of the major', () => {
  expect(allowed([{ allow: true, type: 'c', major: 136, access: 'rwm' }], 'c', 136, 77, 'rw')).toBe(true)
})

test('an access that is not r, w or m is refused by name', () => {
  expect(() => compileDeviceRules([{ allow: true, access: 'rx' }])).toThrow(/"rx"/)
})
