import { expect, test } from 'vitest'
import { controlCharacter } from './control-character.ts'

test.each([
  ['c', '\x03'],
  ['C', '\x03'],
  ['d', '\x04'],
  ['[', '\x1b'],
  ['@', '\x00'],
])('Ctrl and %j send %j', (key, sent) => {
  expect(controlCharacter(key)).toBe(sent)
})

test.each(['1', 'é', '', 'ls'])('Ctrl has no meaning for %j', (key) => {
  expect(controlCharacter(key)).toBeUndefined()
})
