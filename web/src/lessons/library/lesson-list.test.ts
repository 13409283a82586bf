import { expect, test } from 'vitest'
import { parseLessonList } from './lesson-list.ts'

const LESSON = { name: 'chroot', minutes: 8, tasks: ['a'], title: { en: 'A new root', 'zh-CN': '新的根' } }

test('a list names lessons with title, length and tasks', () => {
  expect(parseLessonList({ format: 1, lessons: [LESSON] })).toEqual([LESSON])
})

test.each([
  [undefined, 'it is no list of format 1'],
  [{ format: 2, lessons: [] }, 'it is no list of format 1'],
  [{ format: 1, lessons: Array(201).fill(LESSON) }, 'it names more than 200 lessons'],
  [{ format: 1, lessons: [null] }, 'lessons[0] is no lesson'],
  [{ format: 1, lessons: [LESSON, { ...LESSON, name: '../x' }] }, 'lessons[1].name is no name'],
  [{ format: 1, lessons: [{ ...LESSON, minutes: '8' }] }, 'lessons[0].minutes is no number'],
  [{ format: 1, lessons: [{ ...LESSON, tasks: [1] }] }, 'lessons[0].tasks is no list of tasks'],
  [{ format: 1, lessons: [{ ...LESSON, title: { en: 'x' } }] }, 'lessons[0].title.zh-CN is missing'],
])('%j is refused', (list, why) => {
  expect(() => parseLessonList(list)).toThrow(`lessons/list.json: ${why}`)
})
