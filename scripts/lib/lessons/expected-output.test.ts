import { expect, test } from 'vitest'
import { outputDifference } from './expected-output.ts'

test.each([
  ['a\nb', 'a\nb\n'],
  ['NAME   IMAGE', 'NAME            IMAGE  '],
  ['a\n...\nz', 'a\nb\nc\nz'],
  ['…', ''],
  ['Up ... seconds', 'Up 12 seconds'],
  ['0... (…)', '0a1b (x)'],
])('%j stands for %j', (expected, printed) => {
  expect(outputDifference(expected, printed)).toBe(undefined)
})

test.each([
  ['a\nb', 'a\nc', 'it should print «b», and prints «c»'],
  ['a\nb', 'a', 'it should print «b», and prints nothing more'],
  ['a', 'a\nb', 'it prints more than it should: «b»'],
  ['Up ... days', 'Up 12 seconds', 'it should print «Up ... days», and prints «Up 12 seconds»'],
])('%j does not stand for %j', (expected, printed, sentence) => {
  expect(outputDifference(expected, printed)).toBe(sentence)
})
