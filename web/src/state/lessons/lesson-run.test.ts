// @vitest-environment ./test/support/client-environment.ts
import { expect, test } from 'vitest'
import { newProgress } from '../../lessons/format/progress.ts'
import { FakeLessonMachine, fakeLesson, fakeStore } from '../../../../test/support/fake-lesson-machine.ts'
import { LessonRun } from './lesson-run.svelte.ts'
import { LessonStore } from './lesson-store.ts'

const BLOCK = {
  ...{ language: 'sh', run: true, interrupt: false, copy: false, once: false },
  ...{ file: undefined, line: undefined },
}

/** What the guest runs for the lesson. */
const PREPARATION = ['mkdir /root/x', "printf %s 'x' > /run/porthole/lesson"]

async function prepared(machine = new FakeLessonMachine()) {
  const lesson = fakeLesson()
  const store = new LessonStore(fakeStore())
  const run = new LessonRun(lesson, machine.machine, store, store.progress(lesson.name, 'en'))
  await run.prepare()
  return { machine, run, store }
}

/** Looks follow events by promises alone, without a clock. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('images are fetched that are not there, and the lesson’s script runs', async () => {
  const { machine, run } = await prepared()
  expect(machine.pulled).toEqual(['busybox'])
  expect(machine.ran).toEqual(PREPARATION)
  expect(run).toMatchObject({ phase: 'ready', error: undefined, fetching: undefined })
  const again = new FakeLessonMachine()
  again.images = ['busybox']
  await prepared(again)
  expect(again.pulled).toEqual([])
})

test('a machine that goes on is prepared only when it was not before, or for another lesson', async () => {
  const lesson = fakeLesson()
  const store = new LessonStore(fakeStore())
  const goOn = async (before: string) => {
    const machine = new FakeLessonMachine()
    machine.stdout = before
    const run = new LessonRun(lesson, machine.machine, store, store.progress(lesson.name, 'en'))
    await run.prepare(true)
    expect(run.phase).toBe('ready')
    return machine.ran.slice(1)
  }
  expect(await goOn('x')).toEqual([])
  expect(await goOn('')).toEqual(PREPARATION)
  expect(await goOn('y')).toEqual(PREPARATION)
})

test('a script that fails is told, and can be run again', async () => {
  const machine = new FakeLessonMachine()
  machine.code = 1
  const { run } = await prepared(machine)
  expect(run.phase).toBe('failed')
  expect(run.error?.message).toBe('the lesson could not be prepared: no room')
  machine.code = 0
  await run.prepare()
  expect(run).toMatchObject({ phase: 'ready', error: undefined })
})

test('a task is done by what happens on the machine, and stays so', async () => {
  const { machine, run, store } = await prepared()
  expect(run.missing('typed')).toEqual(['volume'])
  machine.volumes = ['data']
  machine.event('volume', 'create')
  await settled()
  expect(run.isDone('volume')).toBe(true)
  expect(run.missing('typed')).toEqual([])
  expect(store.progress('x', 'en').tasks['volume']?.doneAt).toMatch(/^\d{4}-/)
})

test('a line counts with its terminal and its status', async () => {
  const { machine, run } = await prepared()
  machine.volumes = ['data']
  machine.event('volume', 'create')
  await settled()
  machine.shell(0, { kind: 'entered', line: 'docker ps' })
  await settled()
  expect(run.isDone('typed')).toBe(false)
  machine.shell(0, { kind: 'ended', status: 1 })
  await settled()
  expect(run.isDone('typed')).toBe(false)
  const other = machine.open({ kind: 'guest' })
  expect(other.id).toBe(2)
  machine.shell(1, { kind: 'entered', line: 'docker ps' })
  machine.shell(1, { kind: 'ended', status: 0 })
  await settled()
  expect(run.isDone('typed')).toBe(false)
  machine.shell(0, { kind: 'entered', line: 'docker ps -a' })
  machine.shell(0, { kind: 'ended', status: 0 })
  await settled()
  expect(run.isDone('typed')).toBe(true)
})

test('a check says what is missing, a hint is counted, a task that cannot be done any more is told', async () => {
  const { machine, run } = await prepared()
  await run.check('volume')
  expect(run.looks['volume']).toMatchObject({ holds: false, unmet: { matching: 0 } })
  await run.hint('volume')
  expect(run.hints).toEqual({ volume: 'create' })
  run.solution('volume')
  expect(run.progress.tasks['volume']).toMatchObject({ hintsUsed: 1, solved: true })
  machine.volumes = ['gone']
  machine.event('volume', 'create')
  await settled()
  expect(run.failed).toEqual(['volume'])
  machine.volumes = ['data']
  await run.check('volume')
  expect(run).toMatchObject({ failed: [], looks: { volume: undefined } })
  await run.check('nothing')
  expect(run.error?.message).toBe('the lesson has no task “nothing”')
})

test('a lesson that begins again has no containers and nothing done', async () => {
  const { machine, run, store } = await prepared()
  machine.volumes = ['data']
  await run.check('volume')
  expect(run.isDone('volume')).toBe(true)
  await run.begin()
  expect(machine.ran).toEqual([...PREPARATION, 'docker ps -aq | xargs -r docker rm -fv', ...PREPARATION])
  expect(run).toMatchObject({ phase: 'ready', looks: {}, hints: {} })
  const { begunAt, ...rest } = store.progress('x', 'en')
  expect(begunAt).toMatch(/^\d{4}-/)
  expect({ ...rest, begunAt: undefined }).toEqual(newProgress('x', 'en'))
})

test('commands go to the terminal that the block names, which is opened then', async () => {
  const { machine, run } = await prepared()
  run.run({ ...BLOCK, text: 'a\nb', terminal: undefined })
  run.run({ ...BLOCK, text: 'c', terminal: 'host', interrupt: true })
  run.run({ ...BLOCK, text: 'd', terminal: 'other' }, false)
  expect(machine.sent).toEqual([['a\nb\n', '\x03', 'c\n'], ['d']])
  expect(machine.opened[1]).toEqual({ kind: 'guest', name: 'other' })
  run.run({ ...BLOCK, text: 'e', terminal: 'inside' })
  expect(run.error?.message).toBe('the container “box” does not run')
  machine.containers = [{ id: 'c1', name: 'box', state: 'running' }]
  run.run({ ...BLOCK, text: 'e', terminal: 'inside' })
  run.run({ ...BLOCK, text: 'f', terminal: 'inside' })
  expect(run.error).toBe(undefined)
  expect(machine.opened[2]).toEqual({ kind: 'container', id: 'c1', name: 'inside' })
  expect(machine.sent[2]).toEqual(['e\n', 'f\n'])
})

test('a file is written, or it is told why not', async () => {
  const { machine, run } = await prepared()
  await run.write('/root/x/Dockerfile', 'FROM busybox')
  expect(machine.ran.at(-1)).toBe('FROM busybox')
  machine.code = 1
  await run.write('/root/x/Dockerfile', 'FROM busybox')
  expect(run.error?.message).toBe('/root/x/Dockerfile could not be written: no room')
})

test('a lesson that is closed wants no news', async () => {
  const { machine, run } = await prepared()
  run.close()
  expect(machine.isWatched).toBe(false)
})
