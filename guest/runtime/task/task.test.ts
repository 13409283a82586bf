import { expect, test } from 'vitest'
import { EngineError } from '../../protocol/errors.ts'
import { FakeClock } from '../host/clock.ts'
import type { LaunchPlan } from '../plan/plan.ts'
import { FakeLauncherClient } from '../testing/launcher-fake.ts'
import { launchTask, LOST_EXIT_CODE, Task } from './task.ts'
import { UndoStack } from '../../vocabulary/undo-stack.ts'

const PLAN: LaunchPlan = {
  id: 'a',
  shim: [],
  init: [],
  io: { terminal: false, stdin: false, stdinOnce: false, holdOutput: false },
} as unknown as LaunchPlan

function scene() {
  const launcher = new FakeLauncherClient()
  const reported: string[] = []
  const host = {
    launcher,
    clock: new FakeClock(),
    report: (what: string, error: unknown) =>
      void reported.push(`${what}: ${EngineError.from(error).message}`),
  }
  return { host, reported, machine: launcher.machine }
}

const OPTIONS = { what: 'container a', cgroup: '/sys/fs/cgroup/docker/a' }

test('a launch that fails takes back what was set up for it', async () => {
  const { host, machine } = scene()
  const undo = new UndoStack()
  const done: string[] = []
  undo.push('the sandbox', async () => void done.push('sandbox'))
  machine.failNext(new EngineError('internal', 'execve: no such file or directory'))
  await expect(launchTask(host, PLAN, { ...OPTIONS, undo })).rejects.toThrow('execve')
  expect(done).toEqual(['sandbox'])
})

test('a shim that is lost ends the task all the same', async () => {
  const { host, reported } = scene()
  const lost = new EngineError('unavailable', 'the shim of a is gone')
  const shim = Object.assign(await host.launcher.launch(PLAN), { exited: Promise.reject(lost) })
  expect(await new Task(host, shim, OPTIONS).exited).toMatchObject({ exitCode: LOST_EXIT_CODE })
  expect(reported).toEqual(['the shim of container a was lost: the shim of a is gone'])
})

test('a clean-up that fails is reported, never thrown, and tried again', async () => {
  const { host, reported } = scene()
  const undo = new UndoStack()
  let attempts = 0
  undo.push('the sandbox', async () => {
    if (attempts++ === 0) throw new EngineError('exhausted', 'fork: ENOMEM')
  })
  const task = await launchTask(host, PLAN, { ...OPTIONS, undo })
  await task.cleanUp()
  expect(reported).toEqual(['the clean-up after container a: the sandbox: fork: ENOMEM'])
  expect(await undo.unwind()).toEqual([])
  expect(attempts).toBe(2)
})

test('freezing a task that ended in the same moment is no failure', async () => {
  const { host, machine } = scene()
  const task = await launchTask(host, PLAN, OPTIONS)
  expect(await task.freeze(true)).toBe('done')
  const gone = new EngineError('internal', 'cgroup-freeze: no such file or directory')
  machine.failNext(gone)
  await expect(task.freeze(true)).rejects.toBe(gone)
  machine.process('a').end()
  machine.failNext(gone)
  expect(await task.freeze(false)).toBe('ended')
})
