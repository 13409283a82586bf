import { describe, expect, it, test } from 'vitest'
import { decodeJson, flag, integer, list, map, pointer, struct, text, words } from './go-type.ts'
import { parseFirst, parseWhole } from './scan-json.ts'

describe('a text that is no JSON is refused as Go’s encoding/json refuses it', () => {
  it.each([
    ['{invalid', "invalid character 'i' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['[1 2]', "invalid character '2' after array element"],
    ['x', "invalid character 'x' looking for beginning of value"],
    ["{'a':1}", String.raw`invalid character '\'' looking for beginning of object key string`],
    ['{"a":"\n"}', String.raw`invalid character '\n' in string literal`],
    [String.raw`"\x"`, "invalid character 'x' in string escape code"],
    [String.raw`"\u00g0"`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":é}', "invalid character 'Ã' looking for beginning of value"],
    ['{"a":', 'unexpected EOF'],
    ['{"a":"', 'unexpected EOF'],
  ])('%s: %s', (source, message) => {
    expect(() => parseFirst(source)).toThrow(message)
  })

  test('what stands behind the first value is told, but for a bracket that closes nothing', () => {
    expect(parseFirst(' {"a":[1,{}]} ')).toEqual({ kind: 'value', value: { a: [1, {}] }, hasMore: false })
    expect(parseFirst('{} x')).toEqual({ kind: 'value', value: {}, hasMore: true })
    expect(parseFirst('01')).toEqual({ kind: 'value', value: 0, hasMore: true })
    expect(parseFirst('{} }')).toEqual({ kind: 'value', value: {}, hasMore: false })
    expect(parseFirst(' \n')).toEqual({ kind: 'empty' })
  })

  it.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{} x', "invalid character 'x' after top-level value"],
  ])('a whole text, %j: %s', (source, message) => {
    expect(() => parseWhole(source)).toThrow(message)
  })
})

describe('a value of the wrong type is refused as Go refuses it', () => {
  const inner = struct<{ Size: number; Names: string[] }>('mount.Options', {
    Size: integer(),
    Names: list(text()),
  })
  const outer = struct<{
    Inner: { Size?: number }
    On: boolean
    Labels: Record<string, string>
    Cmd: unknown
  }>('container.Request', { Inner: inner, On: flag, Cmd: words }, { Config: { Labels: map(text()) } })

  it.each([
    [[], 'json: cannot unmarshal array into Go value of type container.Request'],
    [{ On: 1 }, 'json: cannot unmarshal number into Go struct field Request.On of type bool'],
    [
      { Inner: { Size: '1' } },
      'json: cannot unmarshal string into Go struct field Options.Inner.Size of type int64',
    ],
    [
      { Inner: { Size: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field Options.Inner.Size of type int64',
    ],
    [
      { Inner: { Names: 'x' } },
      'json: cannot unmarshal string into Go struct field Options.Inner.Names of type []string',
    ],
    [
      { Labels: { a: 1 } },
      'json: cannot unmarshal number into Go struct field Request.Config.Labels of type string',
    ],
    [{ Cmd: 1 }, 'json: cannot unmarshal number into Go struct field Request.Cmd of type string'],
  ])('%j: %s', (value, message) => {
    expect(() => decodeJson(outer, value)).toThrow(message)
  })

  test('names are matched in any case, nulls leave a field out, what is not known is dropped', () => {
    expect(decodeJson(outer, { on: true, Inner: null, More: 1, labels: { a: null } })).toEqual({
      On: true,
      Labels: { a: '' },
    })
    expect(decodeJson(map(pointer(inner)), { a: null, b: {} })).toEqual({ a: null, b: {} })
  })
})
