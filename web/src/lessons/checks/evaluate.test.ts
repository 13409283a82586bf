import { expect, test } from 'vitest'
import type { Check, Thing } from '../format/check.ts'
import { check } from '../format/decode-check.ts'
import { Place } from '../format/decoder.ts'
import { evaluate } from './evaluate.ts'
import { probeKey, type Facts, type Listed } from './facts.ts'

function parsed(value: unknown): Check {
  const decoded = check(
    value,
    new Place((path, message) => {
      throw new Error(`${path.join('.')}: ${message}`)
    }),
  )
  return decoded!
}

function facts(things: Partial<Record<Listed, Thing[]>>, probes: [object, Thing][] = []): Facts {
  const none = { container: [], image: [], network: [], volume: [], process: [], typed: [] }
  const keyed = probes.map(([query, thing]): [string, Thing] => {
    const condition = parsed(query)
    if (condition.kind === 'all' || condition.kind === 'any' || condition.kind === 'not') throw new Error()
    return [probeKey(condition), thing]
  })
  return { things: { ...none, ...things }, probes: new Map(keyed) }
}

const WEB = {
  name: 'web',
  state: 'running',
  exit: 0,
  oom: false,
  networks: ['bridge', 'front'],
  memory: 33_554_432,
}
const OLD = { name: 'old', state: 'exited', exit: 137, oom: true, networks: [], memory: 0 }
const TWO = facts({ container: [OLD, WEB] })

test.each([
  [{ container: 'web' }, true],
  [{ container: 'other' }, false],
  [{ container: { name: 'w*', state: 'running' } }, true],
  [{ container: { name: 'web', state: 'exited' } }, false],
  [{ container: { exit: '> 100', oom: true } }, true],
  [{ container: { memory: '<= 32m', networks: ['front', 'b*'] } }, true],
  [{ container: { networks: ['front', 'back'] } }, false],
  [{ container: { state: '*', count: 2 } }, true],
  [{ container: { state: '*', count: '> 2' } }, false],
  [{ container: { name: 'gone', exists: false } }, true],
  [{ container: { name: 'web', exists: false } }, false],
  [{ container: { health: '*' } }, false],
  [[{ container: 'web' }, { container: 'old' }], true],
  [[{ container: 'web' }, { container: 'other' }], false],
  [{ any: [{ container: 'other' }, { container: 'old' }] }, true],
  [{ not: { any: [{ container: 'other' }, { container: 'old' }] } }, false],
  [{ not: { container: 'other' } }, true],
])('%j: %s', (value, holds) => {
  expect(evaluate(parsed(value), TWO).holds).toBe(holds)
})

test('what differs is told of the nearest thing', () => {
  const { unmet } = evaluate(parsed({ container: { name: 'web', state: 'exited', exit: 1 } }), TWO)
  expect(unmet).toMatchObject({ field: 'state', found: 'running', matching: 0, negated: false })
})

test('of things whose number is wrong, the number is told', () => {
  expect(evaluate(parsed({ container: { state: '*', count: 3 } }), TWO).unmet).toMatchObject({
    matching: 2,
    field: undefined,
  })
  expect(evaluate(parsed({ container: 'web' }), facts({})).unmet).toMatchObject({
    matching: 0,
    field: undefined,
  })
})

test('of what should not hold, the condition that does is told', () => {
  const { unmet } = evaluate(parsed({ not: [{ container: 'web' }, { container: 'old' }] }), TWO)
  expect(unmet).toMatchObject({
    negated: true,
    matching: 1,
    condition: { fields: [['name', { glob: 'web' }]] },
  })
})

test('a probe is found by what it asked, in any order', () => {
  const found = facts({}, [
    [{ file: { path: '/x', in: 'web' } }, { type: 'file', text: 'hello\nworld\n', mode: '0644' }],
  ])
  expect(evaluate(parsed({ file: { in: 'web', path: '/x', text: '*world*' } }), found).holds).toBe(true)
  expect(evaluate(parsed({ file: '/x' }), found).holds).toBe(false)
  expect(evaluate(parsed({ file: { path: '/x', exists: false } }), found).holds).toBe(true)
})
