import { expect, test } from 'vitest'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { AppState } from '../../state/app-state.svelte.ts'
import { MachineLab } from './machine-lab.ts'

interface Run {
  command: string[]
  stdin: string | undefined
}

/** An app whose guest answers every process with the same, and what was done with it. */
function fakeApp(result = { code: 0, stdout: '', stderr: '' }, lessons: object = {}) {
  const runs: Run[] = []
  const done: string[] = []
  const terminal = {
    prompted: Promise.resolve(),
    send: (keys: string) => done.push(`keys ${JSON.stringify(keys)}`),
    enter: (lines: string) => done.push(`lines ${JSON.stringify(lines)}`),
    text: () => '$ ls\nbin\n',
  }
  const guest = {
    run: async (command: string[], { stdin }: { stdin?: AsyncIterable<Uint8Array> }) => {
      let input: string | undefined
      for await (const chunk of stdin ?? []) input = (input ?? '') + new TextDecoder().decode(chunk)
      runs.push({ command, stdin: input })
      return result
    },
  }
  const app = {
    session: { guest, whenConnected: () => Promise.resolve(), terminals: { sessions: [terminal] } },
    settings: { theme: 'auto' },
    machine: { error: undefined },
    lessons,
    stop: () => done.push('stop'),
    boot: () => Promise.resolve(done.push('boot')),
  }
  return { app, done, runs, lab: new MachineLab(app as unknown as AppState) }
}

test('a file is read as bytes, and written through the input of a process', async () => {
  const { lab, runs } = fakeApp({ code: 0, stdout: '/wA=', stderr: '' })
  expect(await lab.read('/etc/x')).toEqual(new Uint8Array([0xff, 0x00]))
  await lab.write('/a/b', new TextEncoder().encode('text'))
  expect(runs.map(({ command }) => command.slice(-2))).toEqual([
    ['--', '/etc/x'],
    ['sh', '/a/b'],
  ])
  expect(runs[1]!.stdin).toBe('text')
})

test('a file that is not there is told by its name', async () => {
  const { lab } = fakeApp({ code: 1, stdout: '', stderr: 'base64: /x: No such file or directory\n' })
  await expect(lab.read('/x')).rejects.toMatchObject({
    code: 'not-found',
    message: '/x: base64: /x: No such file or directory',
  })
})

test('what is typed is not run, and what is run ends with Enter', async () => {
  const { done, lab } = fakeApp()
  await lab.type(0, 'ls')
  await lab.run(0, 'ls')
  await lab.interrupt(0)
  expect(done).toEqual(['keys "ls"', 'lines "ls"', 'keys "\\u0003"'])
  await expect(lab.type(1, 'ls')).rejects.toThrow('there is no terminal 1: 1 are open, counted from 0')
})

test('without a machine nothing can be asked', async () => {
  const { app, lab } = fakeApp()
  Object.assign(app, { session: undefined })
  await expect(lab.exec(['ls'], undefined)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await lab.dispose()).toBe('')
})

test('the end of a lab stops its machine, and tells what the terminals showed', async () => {
  const { done, lab } = fakeApp()
  expect(await lab.dispose()).toBe('$ ls\nbin')
  expect(done).toEqual(['stop'])
})

test('without a lesson, a reset is a new machine, and steps and tasks are not there', async () => {
  const { app, done, lab } = fakeApp()
  await lab.reset()
  expect(done).toEqual(['stop', 'boot'])
  Object.assign(app.machine, { error: new EngineError('corrupt', 'wrong digest') })
  await expect(lab.reset()).rejects.toThrow('wrong digest')
  await expect(lab.goto('two')).rejects.toThrow('there is no step “two”: no lesson is open')
  await expect(lab.check('t')).rejects.toThrow('there is no task “t”: no lesson is open')
})

test('a lesson goes to its steps, checks its tasks and begins again', async () => {
  const done: string[] = []
  const run = {
    phase: 'ready',
    check: (task: string) => Promise.resolve(done.push(`check ${task}`)),
    begin: () => Promise.resolve(done.push('begin')),
    isDone: (task: string) => task === 'made',
  }
  const lessons = {
    prose: { steps: [{ id: 'one' }, { id: 'two' }] },
    lesson: { tasks: [{ id: 'made' }, { id: 'left' }] },
    goTo: (step: string) => done.push(`step ${step}`),
    run,
  }
  const { lab } = fakeApp(undefined, lessons)
  await lab.goto('two')
  expect([await lab.check('made'), await lab.check('left')]).toEqual([true, false])
  await lab.reset()
  expect(done).toEqual(['step two', 'check made', 'check left', 'begin'])
  await expect(lab.goto('three')).rejects.toThrow('there is no step “three”: one, two are there')
  run.phase = 'preparing'
  await expect(lab.check('made')).rejects.toThrow('the lesson is not ready yet')
})
