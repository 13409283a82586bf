import { expect, test } from 'vitest'
import { MAX_YAML_CHARACTERS, readYaml } from './yaml-document.ts'

test('values are JSON’s, in the core schema', () => {
  expect(readYaml('a: 1\nb: yes\nc: [x, "2", null]\nd: |\n  one\n  two\n')).toMatchObject({
    value: { a: 1, b: 'yes', c: ['x', '2', null], d: 'one\ntwo\n' },
  })
  expect(readYaml('')).toMatchObject({ value: null })
})

test('the line of a place is known, and of a place that is not there the line around it', () => {
  const document = readYaml('a: 1\ntasks:\n  - id: x\n    check: 5\n')
  if ('message' in document) throw new Error(document.message)
  expect(document.lineOf(['tasks', 0, 'check'])).toBe(4)
  expect(document.lineOf(['tasks', 0, 'solve'])).toBe(3)
  expect(document.lineOf(['nothing'])).toBe(1)
})

/** Nine anchors, each nine times the one before: a gigabyte of words. */
const LAUGHS = [
  'a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]',
  ...'bcdefghi'.split('').map((name, at) => {
    const before = 'abcdefgh'[at]
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`
  }),
].join('\n')

test.each([
  [LAUGHS, 1, 'anchors and aliases are no part of a lesson'],
  ['a: 1\nb: &x 2', 2, 'anchors and aliases are no part of a lesson'],
  ['a: 1\nb: *x', 2, 'anchors and aliases are no part of a lesson'],
  ['a: 1\na: 2', 2, 'Map keys must be unique'],
  ['a: [1', 1, 'Flow sequence'],
  ['a: !reset 1', 1, 'Unresolved tag'],
  ['a: 1\n---\nb: 2', 1, 'more than one YAML document'],
  [`a: ${'['.repeat(20_000)}`, 1, 'nested deeper than 24'],
  [`a:\n${'- '.repeat(20_000)}x`, 2, 'nested deeper than 24'],
  [`${'? '.repeat(20_000)}x`, 1, 'nested deeper than 24'],
  ['x'.repeat(MAX_YAML_CHARACTERS + 1), 1, `more than ${MAX_YAML_CHARACTERS} characters`],
])('%.40j is refused with its line', (text, line, message) => {
  expect(readYaml(text)).toEqual({ line, message: expect.stringContaining(message) })
})

test('a key of the prototype’s name is a key', () => {
  const document = readYaml('__proto__: {polluted: true}')
  if ('message' in document) throw new Error(document.message)
  expect(Object.keys(document.value as object)).toEqual(['__proto__'])
  expect(({} as { polluted?: boolean }).polluted).toBe(undefined)
})
