// @vitest-environment ./test/support/client-environment.ts
import { expect, test } from 'vitest'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { newProgress } from '../../lessons/format/progress.ts'
import { progressFileText } from '../../lessons/format/progress-file.ts'
import { ClassState } from './class-state.svelte.ts'

const LIST = [{ name: 'x', title: { en: 'X', 'zh-CN': 'X' }, minutes: 1, tasks: ['a', 'b'] }]
const file = (name: string, text: string) => ({ name, size: text.length, text: () => Promise.resolve(text) })
const ofLearner = (learner: string) => progressFileText(learner, [newProgress('x', 'en')])

test('files of a class become one table, a learner’s later one in place of the first', async () => {
  const state = new ClassState({ list: () => Promise.resolve(LIST) })
  await state.load()
  await state.add([file('1.json', ofLearner('Ann')), file('ben.json', ofLearner(''))])
  await state.add([file('2.json', ofLearner('Ann')), file('bad.json', '{')])
  expect(state.rows.map(({ learner, tasks }) => [learner, tasks])).toEqual([
    ['ben', 2],
    ['Ann', 2],
  ])
  expect(state.problems).toEqual(['bad.json: this is no file of progress: it is no JSON'])
  expect(state.csv().split('\r\n')).toHaveLength(4)
})

test('without the site’s list the table still tells what was done', async () => {
  const state = new ClassState({ list: () => Promise.reject(new EngineError('unavailable', 'no network')) })
  await state.load()
  expect(state.problems).toEqual(['no network'])
  await state.add([file('1.json', ofLearner('Ann'))])
  expect(state.rows).toMatchObject([{ learner: 'Ann', tasks: undefined, done: 0 }])
})
