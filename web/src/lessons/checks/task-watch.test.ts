import { expect, test } from 'vitest'
import type { EngineTransport } from '../../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { EngineApi } from '../../../../guest/vocabulary/engine-client/engine-api.ts'
import { readLesson } from '../format/read-lesson.ts'
import type { LessonGuest } from './lesson-guest.ts'
import { TaskWatch } from './task-watch.ts'

const YAML = `format: 1
minutes: 1
tasks:
  - id: volume
    check: {volume: data}
    fail: {typed: 'rm -rf *'}
    hints:
      - {id: other, when: {volume: 'd*'}}
      - {id: create}
      - {id: whole}
    solve: docker volume create data
  - id: second
    needs: [volume]
    check: {volume: two}
    solve: docker volume create two
  - id: typed
    check: {typed: {line: 'docker ps*', status: 0}}
    solve: docker ps
`

const PROSE = `# A lesson

## One {#one}

::task{id=volume} Make it.

::task{id=second} And another.

::task{id=typed} List.

::hint{task=volume id=other} Another name.

::hint{task=volume id=create} Create.

::hint{task=volume id=whole} This way.

::fail{task=volume} Gone.
`

function watched() {
  const { lesson, problems } = readLesson('x', { 'lesson.yaml': YAML, 'en.md': PROSE, 'zh-CN.md': PROSE })
  expect(problems).toEqual([])
  const machine = { volumes: [] as string[], asked: 0, broken: false }
  const told: string[] = []
  const watch = new TaskWatch(lesson!, guestOf(machine), {
    onDone: (task) => told.push(`done ${task}`),
    onFailed: (task) => told.push(`failed ${task}`),
    onError: ({ message }) => told.push(message),
  })
  return { machine, told, watch, settled: () => new Promise((resolve) => setTimeout(resolve)) }
}

/** An engine that has volumes alone. */
function guestOf(machine: { volumes: string[]; asked: number; broken: boolean }): LessonGuest {
  const transport: EngineTransport = {
    request: async () => {
      machine.asked += 1
      if (machine.broken) throw new EngineError('unavailable', 'the engine is away')
      const Volumes = machine.volumes.map((Name) => ({ Name, Driver: 'local', Labels: null }))
      const body = (async function* () {
        yield new TextEncoder().encode(JSON.stringify({ Volumes, Warnings: null }))
      })()
      return { status: 200, headers: {}, body }
    },
    upgrade: () => Promise.reject(new Error('no process is asked for')),
  }
  return { api: new EngineApi(transport), run: () => Promise.reject(new Error('no process is asked for')) }
}

test('a task is done at the happening that made it so, and the one after it that was done already', async () => {
  const { machine, told, watch, settled } = watched()
  machine.volumes = ['data', 'two']
  watch.notify('volume')
  await settled()
  expect(told).toEqual(['done volume', 'done second'])
  expect(watch.open.map(({ id }) => id)).toEqual(['typed'])
})

test('happenings that no open task waits for cost nothing, a burst costs two looks', async () => {
  const { machine, watch, settled } = watched()
  watch.notify('image')
  watch.notify('container')
  await settled()
  expect(machine.asked).toBe(0)
  for (let count = 0; count < 20; count++) watch.notify('volume')
  await settled()
  expect(machine.asked).toBe(2)
})

test('a line that was typed is looked at with its status', async () => {
  const { told, watch, settled } = watched()
  watch.typed({ terminal: 'host', line: 'docker ps -a', status: undefined })
  await settled()
  expect(told).toEqual([])
  watch.typed({ terminal: 'host', line: 'docker ps -a', status: 0 })
  await settled()
  expect(told).toEqual(['done typed'])
})

test('a task that cannot be done any more is told once, and its doing later counts', async () => {
  const { machine, told, watch, settled } = watched()
  watch.typed({ terminal: 'host', line: 'rm -rf /', status: 0 })
  await settled()
  watch.notify('volume')
  await settled()
  expect(told).toEqual(['failed volume'])
  machine.volumes = ['data']
  watch.notify('volume')
  await settled()
  expect(told).toEqual(['failed volume', 'done volume'])
})

test('a check that is asked for says what is missing', async () => {
  const { machine, told, watch } = watched()
  expect(await watch.check('volume')).toMatchObject({ holds: false, unmet: { matching: 0 } })
  await expect(watch.check('second')).rejects.toMatchObject({ code: 'conflict' })
  await expect(watch.check('nothing')).rejects.toMatchObject({ code: 'not-found' })
  machine.volumes = ['data']
  expect(await watch.check('volume')).toEqual({ holds: true, unmet: undefined })
  expect(told).toEqual(['done volume'])
})

test('a hint answers what the learner did, then the general ones follow', async () => {
  const { machine, watch } = watched()
  const ask = async () => (await watch.hint('volume'))?.id
  expect(await ask()).toBe('create')
  machine.volumes = ['date']
  expect([await ask(), await ask()]).toEqual(['other', 'other'])
  machine.volumes = []
  expect([await ask(), await ask()]).toEqual(['whole', 'whole'])
  expect(await watch.hint('typed')).toBe(undefined)
})

test('a machine that cannot be looked at is told, and looked at again with what had happened', async () => {
  const { machine, told, watch, settled } = watched()
  machine.broken = true
  machine.volumes = ['data']
  watch.notify('volume')
  await settled()
  expect(told).toEqual(['the engine is away'])
  machine.broken = false
  watch.notify('image')
  await settled()
  expect(told).toEqual(['the engine is away', 'done volume'])
})

test('a lesson that begins again has nothing done, whatever a look that was under way finds', async () => {
  const { machine, told, watch, settled } = watched()
  machine.volumes = ['data']
  watch.notify('volume')
  watch.begin()
  await settled()
  expect(told).toEqual([])
  expect(watch.isDone('volume')).toBe(false)
})

test('a task that is looked at when it is asked for is not looked at otherwise', async () => {
  const { lesson } = readLesson('x', {
    'lesson.yaml': YAML.replace('check: {volume: data}', 'asked: true\n    check: {volume: data}'),
    'en.md': PROSE,
    'zh-CN.md': PROSE,
  })
  const machine = { volumes: ['data'], asked: 0, broken: false }
  const done: string[] = []
  const watch = new TaskWatch(lesson!, guestOf(machine), {
    onDone: (task) => done.push(task),
    onFailed: () => undefined,
    onError: ({ message }) => done.push(message),
  })
  watch.notify('volume')
  await new Promise((resolve) => setTimeout(resolve))
  expect(done).toEqual([])
  await watch.check('volume')
  expect(done).toEqual(['volume'])
})
