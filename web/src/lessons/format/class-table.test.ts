import { expect, test } from 'vitest'
import { classCsv, classRows } from './class-table.ts'
import { newProgress, withBegun, withDone, withHint, withSolution } from './progress.ts'

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 30, 3, minute))
const TASKS: Record<string, string[]> = { chroot: ['tree', 'inside', 'way'] }
const rowsOf = (...lessons: Parameters<typeof withBegun>[0][]) =>
  classRows([{ format: 1, learner: 'Ann', lessons }], (lesson) => TASKS[lesson])

test('a row says how far, where it ended, how long, and with how much help', () => {
  let progress = withBegun(newProgress('chroot', 'en'), at(0))
  progress = withBegun(progress, at(5))
  progress = withSolution(withHint(withHint(progress, 'tree'), 'tree'), 'tree')
  progress = withDone(withDone(progress, 'tree', at(4)), 'way', at(11))
  expect(rowsOf(progress)).toEqual([
    {
      ...{ learner: 'Ann', lesson: 'chroot', done: 2, tasks: 3, stoppedAt: 'inside' },
      ...{ minutes: 11, hints: 2, solutions: 1 },
    },
  ])
})

test('a lesson that the site does not know, or that was not begun, has less to say', () => {
  expect(rowsOf(withDone(newProgress('other', 'en'), 'x', at(0)))[0]).toMatchObject({
    ...{ done: 1, tasks: undefined, stoppedAt: undefined, minutes: undefined },
  })
  expect(rowsOf(newProgress('chroot', 'en'))[0]).toMatchObject({ done: 0, tasks: 3, stoppedAt: 'tree' })
})

test('the table is CSV, and runs no formula', () => {
  const row = rowsOf(newProgress('chroot', 'en'))[0]!
  expect(
    classCsv([
      { ...row, learner: '=1+1' },
      { ...row, learner: 'Ann, "the" first' },
    ]),
  ).toBe(
    'learner,lesson,done,tasks,stoppedAt,minutes,hints,solutions\r\n' +
      "'=1+1,chroot,0,3,tree,,0,0\r\n" +
      '"Ann, ""the"" first",chroot,0,3,tree,,0,0\r\n',
  )
})
