import { expect, test } from 'vitest'
import { parseLessonCheckArguments } from './lesson-check.ts'

test('folders and files are named, the guest may be left out, and images may stand for others', () => {
  expect(parseLessonCheckArguments([])).toEqual({ paths: [], guest: true, standIns: [] })
  expect(parseLessonCheckArguments(['--no-guest', '--as', 'nginx:alpine=nginx', 'lessons/jail'])).toEqual({
    paths: ['lessons/jail'],
    guest: false,
    standIns: [['nginx:alpine', 'nginx']],
  })
  expect(() => parseLessonCheckArguments(['--guests'])).toThrow('usage: npm run lesson:check')
  expect(() => parseLessonCheckArguments(['--as', 'nginx'])).toThrow('--as takes IMAGE=OTHER')
})
