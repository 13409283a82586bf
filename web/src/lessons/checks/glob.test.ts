import { expect, test } from 'vitest'
import { matchesGlob } from './glob.ts'

test.each([
  ['web', 'web', true],
  ['web', 'web2', false],
  ['', '', true],
  ['*', '', true],
  ['*', 'a\nb', true],
  ['docker run *nginx*', 'docker run -d nginx', true],
  ['docker run *nginx*', 'docker ps', false],
  ['*ab*ab', 'abcabab', true],
  ['*ab*ab', 'abc', false],
  ['a**b', 'axyb', true],
  ['ab*b', 'ab', false],
  ['*a*a*', 'ba', false],
  ['a*b\\*', 'axb*', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['a\\', 'a\\', true],
  ['a.c', 'abc', false],
  ['*容器*', '一个容器。', true],
])('%j against %j: %s', (glob, text, matches) => {
  expect(matchesGlob(glob, text)).toBe(matches)
})

test.each(['a*'.repeat(400), `*${'a'.repeat(900)}b*`, `*${'ab'.repeat(450)}*`])(
  'a hostile glob ends: %.20s',
  (glob) => {
    const text = `${'a'.repeat(60_000)}c`
    const start = process.cpuUsage()
    expect(matchesGlob(`${glob}b`, text)).toBe(false)
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000)
  },
)
