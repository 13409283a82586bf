import { expect, test } from 'vitest'
import { readLessonIndex } from './lesson-index.ts'

test('the lessons have an order', () => {
  expect(readLessonIndex('format: 1\nlessons: [b, a]\n', 'index.yaml')).toEqual(['b', 'a'])
})

test.each([
  ['lessons: [a]', 'index.yaml: format: is needed'],
  ['format: 1\nlessons: [../a]', 'index.yaml: lessons[0]: a lesson’s name is wanted, not “../a”'],
  ['format: 1\nlessons: [a, a]', 'index.yaml: lessons: a name is there twice'],
  ['a: [', 'index.yaml: 1: '],
])('%j is refused', (content, message) => {
  expect(() => readLessonIndex(content, 'index.yaml')).toThrow(message)
})
