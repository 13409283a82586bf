// @vitest-environment ./test/support/client-environment.ts
import { expect, test } from 'vitest'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { LessonSite } from '../../lessons/library/lesson-site.ts'
import type { OwnLesson } from '../../lessons/library/own-lesson.ts'
import { FakeLessonMachine, fakeLesson, fakeStore } from '../../../../test/support/fake-lesson-machine.ts'
import { LessonStore } from './lesson-store.ts'
import { LessonsState, type LessonOpener, type LessonPlace } from './lessons-state.svelte.ts'

const SUMMARY = { name: 'x', title: { en: 'A lesson', 'zh-CN': '一课' }, minutes: 1, tasks: ['volume'] }

const ownOf = (name: string, place: string | undefined): OwnLesson => ({
  ...{ lesson: fakeLesson(name), kind: 'killercoda', place, title: { en: 'Mine', 'zh-CN': '我的' } },
  address: (picture) => (picture === 'a.png' ? 'blob:a' : undefined),
})

const brought = (path: string) => ({ path, file: { size: 0, arrayBuffer: async () => new ArrayBuffer(0) } })

function opened(store = fakeStore()) {
  const places: LessonPlace[] = []
  const site: LessonSite = {
    list: () => Promise.resolve([SUMMARY]),
    lesson: (name) =>
      name === 'none'
        ? Promise.reject(new EngineError('not-found', 'lessons/none is not there'))
        : Promise.resolve(fakeLesson(name)),
    address: (name, path) => `${name}/${path}`,
  }
  const opener: LessonOpener = {
    files: ([first]) => Promise.resolve(ownOf(first!.path, undefined)),
    address: (text) => Promise.resolve(ownOf('at-address', text)),
  }
  const onPlace = (place: LessonPlace) => places.push(place)
  const lessons = new LessonsState(site, new LessonStore(store), { locale: 'en' }, onPlace, opener)
  return { lessons, places, store }
}

test('the list is shown first, then a lesson with its first step', async () => {
  const { lessons, places } = opened()
  await lessons.show()
  expect(lessons).toMatchObject({ shown: true, list: [SUMMARY], lesson: undefined })
  await lessons.open('x')
  expect(lessons).toMatchObject({ step: 'one', at: 0, loading: undefined })
  lessons.goTo('two')
  expect(lessons.at).toBe(1)
  await lessons.leave()
  expect(lessons.lesson).toBe(undefined)
  expect(places).toEqual([
    { lesson: 'x', step: 'one' },
    { lesson: 'x', step: 'two' },
    { lesson: undefined, step: undefined },
  ])
})

test('a lesson is opened where it was left, or at the step that is asked for', async () => {
  const { lessons, store } = opened()
  await lessons.open('x')
  lessons.goTo('two')
  const again = opened(store).lessons
  await again.open('x')
  expect(again.step).toBe('two')
  await again.open('x', 'one')
  expect(again.step).toBe('one')
  await again.open('x', 'nothing')
  expect(again.step).toBe('one')
})

test('what cannot be opened is told, and what was open stays', async () => {
  const { lessons } = opened()
  await lessons.open('x')
  await lessons.open('none')
  expect(lessons.error?.message).toBe('lessons/none is not there')
  expect(lessons).toMatchObject({ loading: undefined, lesson: { name: 'x' } })
})

test('the one that was asked for last is opened', async () => {
  const { lessons } = opened()
  await Promise.all([lessons.open('x'), lessons.open('y')])
  expect(lessons.lesson?.name).toBe('y')
})

test('a lesson goes on with a machine that is booted anew, and its progress stays', async () => {
  const { lessons } = opened()
  await lessons.open('x')
  expect(lessons.run).toBe(undefined)
  const first = new FakeLessonMachine()
  lessons.useMachine(first.machine)
  first.volumes = ['data']
  await lessons.run!.check('volume')
  lessons.useMachine(undefined)
  expect(lessons.run).toBe(undefined)
  expect(first.isWatched).toBe(false)
  lessons.useMachine(new FakeLessonMachine().machine)
  expect(lessons.run!.isDone('volume')).toBe(true)
  expect(lessons.progressOf('x').tasks['volume']?.doneAt).toBeDefined()
})

test.each(['{', '{"format":9}', '[]', '{"format":1,"lesson":"y","locale":"en","tasks":{}}'])(
  'progress that cannot be read (%s) counts as none',
  (text) => {
    const kept = fakeStore()
    kept.write('lesson..x', text)
    expect(new LessonStore(kept).progress('x', 'en').tasks).toEqual({})
  },
)

test('notes are kept', () => {
  const store = new LessonStore(fakeStore())
  expect(store.notes('x', 'idea')).toBe('')
  store.keepNotes('x', 'idea', 'because')
  expect(store.notes('x', 'idea')).toBe('because')
})

test('learners of one computer have their progress apart, take it along, and erase it', async () => {
  const { lessons, store } = opened()
  lessons.useMachine(new FakeLessonMachine().machine)
  lessons.setLearner('Ann B.')
  await lessons.open('x')
  lessons.run!.solution('volume')
  await lessons.leave()
  const text = lessons.progressText()
  expect(JSON.parse(text)).toMatchObject({ learner: 'Ann B.', lessons: [{ lesson: 'x' }] })
  lessons.setLearner('安')
  expect(lessons.progressOf('x').tasks).toEqual({})
  lessons.readProgress(text)
  expect(lessons.progressOf('x').tasks).toMatchObject({ volume: { solved: true } })
  lessons.erase()
  expect(lessons.progressOf('x').tasks).toEqual({})
  lessons.setLearner(' Ann B. ')
  expect(lessons.progressOf('x').tasks).toMatchObject({ volume: { solved: true } })
  expect([...store.kept.keys()].filter((key) => key.includes('%E5'))).toEqual([])
  lessons.readProgress('{')
  expect(lessons.error?.message).toBe('this is no file of progress: it is no JSON')
})

test('a lesson that is brought along joins the list, and the address does not name it', async () => {
  const { lessons, places } = opened()
  await lessons.openFiles([brought('own-mine')])
  expect(lessons).toMatchObject({ lesson: { name: 'own-mine' }, step: 'one', error: undefined })
  expect(lessons.picture('a.png')).toBe('blob:a')
  expect(lessons.picture('b.png')).toBe('')
  expect(places.at(-1)).toEqual({ lesson: undefined, step: 'one' })
  await lessons.leave()
  await lessons.open('own-mine')
  await lessons.openFiles([brought('own-mine')])
  expect(lessons.own.map(({ lesson }) => lesson.name)).toEqual(['own-mine'])
  await lessons.open('x')
  expect(lessons.picture('a.png')).toBe('x/a.png')
})

test('an address names a lesson of the site, or one at an address of it', async () => {
  const { lessons, places } = opened()
  await lessons.openNamed('x', 'two')
  expect(places.at(-1)).toEqual({ lesson: 'x', step: 'two' })
  await lessons.openNamed('./shared/mine/')
  expect(lessons.lesson?.name).toBe('at-address')
  expect(places.at(-1)).toEqual({ lesson: './shared/mine/', step: 'one' })
})

test('a link to a step that is not there leaves the learner where they are', async () => {
  const { lessons } = opened()
  await lessons.open('x', 'two')
  lessons.goTo('nothing')
  expect(lessons.step).toBe('two')
})
