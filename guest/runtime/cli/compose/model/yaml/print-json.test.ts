import { expect, test } from 'vitest'
import { goJsonIndented, goJsonText } from './print-json.ts'

test('maps are in the order of their keys’ text, structs in that of their fields', () => {
  expect(goJsonText({ z: { 9: 'j', 10: 'i', a: null }, b: [{ y: 1, x: 2 }] })).toBe(
    '{"z":{"10":"i","9":"j","a":null},"b":[{"y":1,"x":2}]}',
  )
})

test('integers have all their digits, characters of HTML are escaped, what is undefined is left out', () => {
  expect(goJsonText({ a: 9007199254740993n, b: '<&>\u2028', c: undefined, d: '\0' })).toBe(
    '{"a":9007199254740993,"b":"\\u003c\\u0026\\u003e\\u2028","d":"\\u0000"}',
  )
})

test('is indented by two spaces, and nothing stands in what is empty', () => {
  expect(goJsonIndented({ a: [], b: {}, c: [1, { d: 2 }] })).toBe(
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": 2\n    }\n  ]\n}',
  )
})
