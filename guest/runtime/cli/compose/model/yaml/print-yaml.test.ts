import { describe, expect, test } from 'vitest'
import { byYamlKey } from './key-order.ts'
import { goYamlText } from './print-yaml.ts'

/** The orders follow from go-yaml v3's sorter.go. */
describe('keys of a map', () => {
  test.each([
    ['numbers count as numbers', 'web1 web2 web10 web20'],
    ['zeros that lead do not count, but fewer of them come first', 'a0 a00 a000 a1 a01 a2'],
    ['zeros within a number count', 'a1 a10 a11 a100 a101'],
    ['what is no letter comes before letters', '_ _a 1 1a 2 A B a a-b a_ ab é'],
    ['after a digit a letter comes first', 'a1b a1-b a1_b'],
    ['the shorter name comes first', 'db db-data dbs'],
  ])('%s', (_, order) => {
    const keys = order.split(' ')
    expect(keys.toReversed().sort(byYamlKey)).toEqual(keys)
  })
})

describe('a compose file', () => {
  test('keeps the order of fields and sorts maps', () => {
    const service = {
      image: 'b',
      environment: { B10: '1', B9: '2' },
      volumes: [{ type: 'bind', source: '/' }],
    }
    const project = { name: 'p', services: { web10: service, labels: { image: 'b', command: ['a'] } } }
    expect(goYamlText(project, 'struct')).toBe(
      [
        'name: p',
        'services:',
        '  labels:',
        '    image: b',
        '    command:',
        '      - a',
        '  web10:',
        '    image: b',
        '    environment:',
        '      B9: "2"',
        '      B10: "1"',
        '    volumes:',
        '      - type: bind',
        '        source: /',
        '',
      ].join('\n'),
    )
  })

  test('sorts what has no type at every depth', () => {
    const text = goYamlText({ 'x-a': { z: [{ e: 1, b: { d: 1, c: 2 } }], a: 1 } }, 'struct')
    expect(text.match(/[a-z](?=:)/g)).toEqual(['a', 'a', 'z', 'b', 'c', 'd', 'e'])
    expect(goYamlText({ services: { s: { image: 'i', command: 'c' } } }, 'untyped')).toMatch(
      /command.*image/s,
    )
  })
})
