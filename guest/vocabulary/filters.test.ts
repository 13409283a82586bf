import { describe, expect, it } from 'vitest'
import { booleanFilter, checkFilters, formatFilters, matchesLabels, parseFilters } from './filters.ts'

describe('filters', () => {
  it.each<[string | undefined, Record<string, string[]>]>([
    [undefined, {}],
    ['', {}],
    ['null', {}],
    ['{}', {}],
    ['{"status":["a","b","a"]}', { status: ['a', 'b'] }],
    ['{"status":{"a":true,"b":true}}', { status: ['a', 'b'] }],
    ['{"status":{"a":false}}', { status: ['a'] }],
    ['{"status":[]}', { status: [] }],
    ['{"status":{}}', { status: [] }],
    ['{"status":null,"label":["a=b"]}', { status: [], label: ['a=b'] }],
    ['{"label":{"a=b=c":true},"name":{"^x$":true}}', { label: ['a=b=c'], name: ['^x$'] }],
  ])('reads %s', (text, filters) => {
    expect(parseFilters(text)).toEqual(filters)
  })

  it.each([
    '{',
    '[]',
    '"a"',
    '1',
    'true',
    '{"a":"b"}',
    '{"a":1}',
    '{"a":[1]}',
    '{"a":{"b":1}}',
    '{"a":["b"],"c":{"d":true}}',
  ])('refuses %s', (text) => {
    expect(() => parseFilters(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: 'invalid filter' }),
    )
  })

  it('writes what Docker’s client sends', () => {
    expect(formatFilters({})).toBeUndefined()
    const text = formatFilters({ status: ['b', 'a'], label: ['x'] })
    expect(text).toBe('{"label":{"x":true},"status":{"a":true,"b":true}}')
    expect(parseFilters(text)).toEqual({ label: ['x'], status: ['a', 'b'] })
  })

  it('refuses keys that nothing looks at', () => {
    expect(() => checkFilters({ name: ['x'] }, ['name', 'id'])).not.toThrow()
    for (const key of ['names', 'toString', '__proto__'])
      expect(() => checkFilters(parseFilters(`{"${key}":["x"]}`), ['name'])).toThrow(
        `invalid filter '${key}'`,
      )
  })

  it.each<[Record<string, string> | null | undefined, string[], boolean]>([
    [{ a: 'b' }, [], true],
    [null, [], true],
    [null, ['a'], false],
    [undefined, ['a'], false],
    [{ a: 'b' }, ['a'], true],
    [{ a: 'b' }, ['a=b'], true],
    [{ a: 'b' }, ['a=c'], false],
    [{ a: 'b' }, ['a='], false],
    [{ a: '' }, ['a='], true],
    [{ a: 'b=c' }, ['a=b=c'], true],
    [{ a: 'b', c: 'd' }, ['a=b', 'c=d'], true],
    [{ a: 'b' }, ['a=b', 'c'], false],
    [{ a: 'b' }, ['constructor'], false],
  ])('match labels %j with %j: %s', (labels, wanted, matches) => {
    expect(matchesLabels(labels, wanted)).toBe(matches)
  })

  it.each<[string[] | undefined, boolean | undefined]>([
    [undefined, undefined],
    [['true'], true],
    [['1'], true],
    [['false'], false],
    [['0'], false],
    [['1', 'true'], true],
    [['true', 'maybe'], true],
  ])('read dangling=%j as %s', (values, wanted) => {
    expect(booleanFilter(values === undefined ? {} : { dangling: values }, 'dangling')).toBe(wanted)
  })

  it.each<[string[], string]>([
    [[], "invalid filter 'dangling'"],
    [['TRUE'], "invalid filter 'dangling=[TRUE]'"],
    [['t'], "invalid filter 'dangling=[t]'"],
    [['true', 'false'], "invalid filter 'dangling=[true false]'"],
  ])('refuse dangling=%j', (values, sentence) => {
    expect(() => booleanFilter({ dangling: values }, 'dangling')).toThrow(sentence)
  })
})
