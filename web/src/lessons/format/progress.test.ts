import { expect, test } from 'vitest'
import {
  doneTasks,
  newProgress,
  parseProgress,
  taskProgress,
  withDone,
  withHint,
  withSolution,
} from './progress.ts'

const AT = new Date('2026-11-30T03:00:00Z')

test('what was done is kept, the first time and each hint', () => {
  let progress = newProgress('chroot', 'en')
  progress = withHint(withHint(progress, 'tree'), 'tree')
  progress = withDone(progress, 'tree', AT)
  progress = withDone(progress, 'tree', new Date())
  progress = withSolution(progress, 'inside')
  expect(taskProgress(progress, 'tree')).toEqual({ doneAt: AT.toISOString(), hintsUsed: 2, solved: false })
  expect(taskProgress(progress, 'inside')).toEqual({ doneAt: undefined, hintsUsed: 0, solved: true })
  expect(taskProgress(progress, 'constructor')).toEqual({ doneAt: undefined, hintsUsed: 0, solved: false })
  expect(doneTasks(progress)).toEqual(['tree'])
})

test('a file of it is read again', () => {
  const progress = withHint(withDone(newProgress('chroot', 'zh-CN'), 'tree', AT), 'inside')
  expect(parseProgress(JSON.parse(JSON.stringify(progress)))).toEqual(progress)
})

const GOOD = { format: 1, lesson: 'chroot', locale: 'en', tasks: {} }
const TASK = { doneAt: AT.toISOString(), hintsUsed: 0, solved: false }

test.each([
  [null, 'it is no mapping'],
  [{ ...GOOD, format: 2 }, 'its format is 2, not 1'],
  [{ ...GOOD, lesson: '../x' }, 'lesson is no name'],
  [{ ...GOOD, locale: 'fr' }, 'locale is none of en, zh-CN'],
  [{ ...GOOD, begunAt: 'once' }, 'begunAt is no time'],
  [{ ...GOOD, tasks: [] }, 'tasks is no mapping'],
  [{ ...GOOD, tasks: { 'A b': TASK } }, 'tasks.A b is no task'],
  [{ ...GOOD, tasks: { a: { ...TASK, doneAt: 'soon' } } }, 'tasks.a.doneAt is no time'],
  [{ ...GOOD, tasks: { a: { ...TASK, hintsUsed: -1 } } }, 'tasks.a.hintsUsed is no count'],
  [{ ...GOOD, tasks: { a: { ...TASK, solved: 1 } } }, 'tasks.a.solved is neither'],
])('%j is refused', (value, why) => {
  expect(() => parseProgress(value)).toThrow(why)
})
