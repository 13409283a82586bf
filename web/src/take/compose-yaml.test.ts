import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { composeYaml } from './compose-yaml.ts'

/** As YAML 1.1 understands it, which go-yaml does for booleans and for numbers of base 8. */
const read = (text: string): unknown => parse(text, { version: '1.1', merge: false })

test('a file reads as people write it', () => {
  const web = {
    image: 'nginx:1.27',
    command: ['sh', '-c', 'exit'],
    scale: 2,
    read_only: true,
    tty: undefined,
  }
  expect(composeYaml({ services: { web }, volumes: { data: {} } })).toBe(
    `services:
  web:
    image: nginx:1.27
    command: ["sh", "-c", "exit"]
    scale: 2
    read_only: true
volumes:
  data: {}
`,
  )
})

test('maps stand in lists, and long lists on lines of their own', () => {
  const long = 'x'.repeat(60)
  expect(composeYaml({ a: [{ b: 1, c: ['d'] }, { e: {} }], f: [long, long] })).toBe(
    `a:\n  - b: 1\n    c: ["d"]\n  - e: {}\nf:\n  - ${long}\n  - ${long}\n`,
  )
})

describe('a text is read again as it was', () => {
  test.each([
    ...[
      '',
      ' ',
      'yes',
      'NO',
      'on',
      'y',
      'null',
      '~',
      '1',
      '1e3',
      '0x10',
      '010',
      '1_000',
      '.5',
      '.inf',
      '12:30:00',
    ],
    ...[
      '2001-01-01',
      '<<',
      '=',
      '- a',
      '? a',
      'a: b',
      'a:',
      'a #b',
      '#a',
      '&a',
      '*a',
      '!a',
      '%a',
      '@a',
      '`a',
      '|',
      '>',
    ],
    ...[
      '{a}',
      '[a]',
      "it's",
      '"',
      '\\',
      'a\nb',
      '\n',
      '\ta',
      'a\r\nb',
      'é',
      '数据卷',
      '😀',
      '\u0001\u007f\u0085\u2028\ufeff',
    ],
    ...['---', '...', 'a,b', '/path/to.x', 'k=v', 'x'.repeat(500) + ' ' + 'y'.repeat(500)],
  ])('%j', (text) => {
    expect(
      read(composeYaml({ one: text, [text]: 'key', list: [text, 'x'.repeat(100)], flow: [text] })),
    ).toEqual({
      one: text,
      [text]: 'key',
      list: [text, 'x'.repeat(100)],
      flow: [text],
    })
  })
})

test('a dollar sign is doubled in values and left alone in keys', () => {
  expect(read(composeYaml({ $KEY: '$VALUE ${x} $$', list: ['$1'] }))).toEqual({
    $KEY: '$$VALUE $${x} $$$$',
    list: ['$$1'],
  })
})

test('half of a surrogate pair, which is no text, is replaced', () => {
  expect(read(composeYaml({ a: 'x\ud800y' }))).toEqual({ a: 'x\ufffdy' })
})
