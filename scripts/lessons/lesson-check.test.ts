import { expect, test } from 'vitest'
import { parseLessonCheckArguments } from './lesson-check.ts'

test('folders are named, and the guest may be left out', () => {
  expect(parseLessonCheckArguments([])).toEqual({ folders: [], guest: true })
  expect(parseLessonCheckArguments(['--no-guest', 'lessons/jail'])).toEqual({
    folders: ['lessons/jail'],
    guest: false,
  })
  expect(() => parseLessonCheckArguments(['--guests'])).toThrow('usage: npm run lesson:check')
})
