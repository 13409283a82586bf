import { expect, test } from 'vitest'
import { parseSeccompProfile } from './parse-profile.ts'
import { compileSeccomp, seccompFlags } from './seccomp-program.ts'

const ALLOW = { defaultAction: 'SCMP_ACT_ALLOW' }
const rule = (change: object) =>
  JSON.stringify({ ...ALLOW, syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', ...change }] })

test('a profile is read without what the filter does not need', () => {
  const args = [{ index: 1, value: 8, op: 'SCMP_CMP_EQ', valueTwo: 0 }]
  expect(parseSeccompProfile(rule({ args, errnoRet: 5, comment: '', includes: {} }))).toEqual({
    ...ALLOW,
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 5, args }],
  })
  expect(parseSeccompProfile(JSON.stringify({ ...ALLOW, architectures: null, syscalls: null }))).toEqual(
    ALLOW,
  )
})

test.each([
  ['oops', 'it is not JSON: oops'],
  ['[]', 'it is not a JSON object: []'],
  ['{}', 'action undefined is not supported'],
  [JSON.stringify({ defaultAction: 'constructor' }), 'action "constructor" is not supported'],
  [JSON.stringify({ ...ALLOW, syscalls: 5 }), 'syscalls is not a list'],
  [JSON.stringify({ ...ALLOW, syscalls: [null] }), 'an entry of syscalls is not an object'],
  [JSON.stringify({ ...ALLOW, flags: [1] }), 'flags has an entry that is not a text'],
  [rule({ names: 'mkdir' }), 'names is not a list'],
  [rule({ errnoRet: 'EPERM' }), 'errnoRet is not a whole number'],
  [rule({ args: [{ index: 0, value: 1, op: 'SCMP_CMP_XX' }] }), 'operator "SCMP_CMP_XX" is not supported'],
])('%s is refused', (text, what) => {
  expect(() => parseSeccompProfile(text)).toThrow(`Decoding seccomp profile failed: ${what}`)
})

test('a name of every object is no name of a system call or flag', () => {
  const named = parseSeccompProfile(rule({ names: ['constructor'] }))
  expect(compileSeccomp(named)).toEqual(compileSeccomp(parseSeccompProfile(JSON.stringify(ALLOW))))
  expect(() => seccompFlags({ ...named, flags: ['constructor'] })).toThrow('unknown flag')
})
