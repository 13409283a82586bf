import { expect, test } from 'vitest'
import { encodeHostPlan, encodeLaunchPlan } from './encode-plan.ts'
import { constantSteps, planIo, SLOT, type Step } from './plan.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('a host plan has these bytes', () => {
  const bytes = encodeHostPlan({
    steps: [{ op: 'mkdir', path: '/a', mode: 0o755, parents: true, tolerate: 'EEXIST' }],
  })
  const golden = [
    '50485031 00000000 01000000', // magic, host, one step
    '0300 1100 13000000', // mkdir, EEXIST, 19 bytes
    'ff000000 02000000 2f61 00 ed010000 01000000', // host slot, "/a", mode, parents
    '00000000', // no undo
  ]
  expect(hex(bytes)).toBe(golden.join('').replaceAll(' ', ''))
})

test('a quiet host plan differs by its kind alone', () => {
  const plan = { steps: [{ op: 'umask', mask: 0 }] } as const
  const [loud, quiet] = [encodeHostPlan(plan), encodeHostPlan(plan, true)]
  expect([loud[4], quiet[4]]).toEqual([0, 2])
  expect(hex(quiet.with(4, 0))).toBe(hex(loud))
})

test('constant steps have the bytes of others, each time and between others', () => {
  const step = (path: string): Step => ({ op: 'mkdir', path, mode: 0o755, parents: true, tolerate: 'EEXIST' })
  const plain = { steps: ['/a', '/b', '/c'].map(step) }
  const mixed = { steps: [step('/a'), ...constantSteps([step('/b')]), step('/c')] }
  expect(hex(encodeHostPlan(mixed))).toBe(hex(encodeHostPlan(plain)))
  expect(hex(encodeHostPlan(mixed))).toBe(hex(encodeHostPlan(plain)))
})

test('a plan outlives the next one', () => {
  const first = encodeHostPlan({ steps: [{ op: 'unlink', path: '/first' }] })
  const copy = hex(first)
  encodeHostPlan({ steps: [{ op: 'unlink', path: '/other' }] })
  expect(hex(first)).toBe(copy)
})

test('a launch plan has these bytes', () => {
  const bytes = encodeLaunchPlan({
    id: 'x',
    shim: [{ op: 'clone', flags: 0x20000000n, cgroup: '' }],
    init: [{ op: 'setgroups', gids: [7] }],
    io: planIo(true, { stdin: true, holdOutput: true }),
    socketPath: 's',
    exitPath: 'e',
    logMaxBytes: 2 ** 32,
  })
  const golden = [
    '50485031 01000000 01000000 78 00 03010000', // magic, launch, id, terminal + stdin + holdOutput
    '01000000 73 00 01000000 65 00 00000000 00 00000000 00', // socket, exit, log, memory events
    '00000000 01000000', // log limit
    '01000000 2200 0000 0d000000 00000020 00000000 00000000 00', // clone
    '01000000 3800 0000 08000000 01000000 07000000', // setgroups
  ]
  expect(hex(bytes)).toBe(golden.join('').replaceAll(' ', ''))
})

test('slots default to the host', () => {
  const path = { op: 'unlink', path: '/a' } as const
  expect(encodeHostPlan({ steps: [path] })).toEqual(encodeHostPlan({ steps: [{ ...path, at: SLOT.host }] }))
})

test.each(['', 'a/b', '../x', 'a'.repeat(65)])('the id %j is refused: it becomes a file name', (id) => {
  const plan = { id, shim: [], init: [], io: planIo(false, {}), socketPath: 's', exitPath: 'e' }
  expect(() => encodeLaunchPlan(plan)).toThrow(/plan id/)
})

test('a string with a NUL is refused: the kernel would see another one', () => {
  expect(() => encodeHostPlan({ steps: [{ op: 'unlink', path: '/safe\0/etc/passwd' }] })).toThrow(/NUL/)
})
