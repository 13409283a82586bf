import { describe, expect, it } from 'vitest'
import { DEFAULT_DETACH_KEYS, DetachKeyFilter, parseDetachKeys } from './detach-keys.ts'

const P = 16
const Q = 17
const A = 97
const B = 98

function passed(keys: Uint8Array, ...chunks: number[][]): { pass: number[]; detached: boolean } {
  const filter = new DetachKeyFilter(keys)
  const pass: number[] = []
  for (const chunk of chunks) {
    const one = filter.push(Uint8Array.from(chunk))
    pass.push(...one.pass)
    if (one.detached) return { pass, detached: true }
  }
  return { pass, detached: false }
}

describe('detach keys', () => {
  it.each<[string, number[]]>([
    ['ctrl-p,ctrl-q', [P, Q]],
    ['a', [A]],
    ['ctrl-a,x', [1, 120]],
    ['ctrl-@,ctrl-z,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 26, 27, 28, 29, 30, 31]],
    ['DEL', [127]],
    ['A,-,~', [65, 45, 126]],
  ])('%s', (text, keys) => {
    expect([...parseDetachKeys(text)]).toEqual(keys)
  })

  it.each([
    ['', ''],
    [',', ''],
    ['ctrl-1', 'ctrl-1'],
    ['ctrl-P', 'ctrl-P'],
    ['CTRL-p', 'CTRL-p'],
    ['ctrl-', 'ctrl-'],
    ['ctrl-pp', 'ctrl-pp'],
    ['del', 'del'],
    ['é', 'é'],
    ['a, b', ' b'],
  ])('refuses %j for %j', (text, key) => {
    expect(() => parseDetachKeys(text)).toThrow(`Unknown character: '${key}'`)
  })

  it('are ctrl-p, ctrl-q unless told', () => {
    expect(DEFAULT_DETACH_KEYS).toEqual(parseDetachKeys('ctrl-p,ctrl-q'))
  })

  it.each<[string, number[][], number[], boolean]>([
    ['at once', [[A, P, Q, B]], [A], true],
    ['in two chunks', [[A, P], [Q]], [A], true],
    ['not begun', [[A, Q], [B]], [A, Q, B], false],
    ['broken', [[P, A]], [P, A], false],
    ['broken later', [[P], [A]], [P, A], false],
    ['held back while it is open', [[A, P]], [A], false],
    ['its first key twice', [[P, P]], [P, P], false],
    ['its first key twice, in two chunks', [[P], [P]], [P, P], false],
    ['three keys', [[P, P, Q]], [P, P, Q], false],
    ['after a broken one', [[P, A, P, Q]], [P, A], true],
  ])('%s', (_what, chunks, pass, detached) => {
    expect(passed(DEFAULT_DETACH_KEYS, ...chunks)).toEqual({ pass, detached })
  })

  it('give the process each byte once, wherever a sequence of three breaks', () => {
    const keys = parseDetachKeys('a,b,c')
    expect(passed(keys, [120, A], [B, 100])).toEqual({ pass: [120, A, B, 100], detached: false })
    expect(passed(keys, [A], [B], [A], [B], [99])).toEqual({ pass: [A, B, A, B, 99], detached: false })
  })

  it('are none when there are no keys', () => {
    expect(passed(new Uint8Array(0), [P, Q])).toEqual({ pass: [P, Q], detached: false })
  })
})
