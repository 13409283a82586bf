import { describe, expect, test } from 'vitest'
import type { DirectEnd, DirectTarget } from '../../protocol/api/direct-attach.ts'
import { deferred } from '../../protocol/wire/deferred.ts'
import { streamPair } from '../docker/api/stream-pair.ts'
import { EngineError } from '../../protocol/errors.ts'
import { FakeClock } from '../host/clock.ts'
import type { LaunchPlan } from '../plan/plan.ts'
import { FakeLauncherClient } from '../testing/launcher-fake.ts'
import { launchTask, LOST_EXIT_CODE, Task } from './task.ts'
import { UndoStack } from '../../vocabulary/undo-stack.ts'

const PLAN: LaunchPlan = {
  id: 'a',
  socketPath: '/run/a.sock',
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

describe('a socket that was lent', () => {
  const PIPE = { stdin: true, stdout: true, stderr: false, closeStdin: true }

  test('is told to the client, whose end is the stream’s; the shim is kept until then', async () => {
    const { host, machine } = scene()
    const task = await launchTask(host, PLAN, OPTIONS)
    const loan = task.lendSocket()
    const process = machine.process('a')
    let released = false
    process.attachments.clear = () => void (released = true)
    const client = deferred<DirectEnd>()
    const targets: DirectTarget[] = []
    const [near, far] = streamPair()
    const served = loan.serve(far, (target) => (targets.push(target), client.promise), PIPE)
    process.end()
    await task.cleanUp()
    expect([targets, released]).toEqual([
      [{ ...PIPE, path: PLAN.socketPath, detachKeys: new Uint8Array() }],
      false,
    ])
    client.resolve('output-ended')
    expect(await served).toBe('finished')
    expect([await near.read(), released]).toEqual([null, true])
  })

  test.each(['lost', 'unreachable'] as const)('lets waiting output go when its client is %s', async (how) => {
    const { host, machine } = scene()
    const plan = { ...PLAN, io: { ...PLAN.io, holdOutput: true } }
    const task = await launchTask(host, plan, OPTIONS)
    const process = machine.process('a')
    let attached = 0
    const attach = process.attach.bind(process)
    process.attach = (attachment) => (attached++, attach(attachment))
    const client = how === 'lost' ? Promise.reject(new Error('gone')) : Promise.resolve(how)
    const [, far] = streamPair()
    const end = await task.lendSocket().serve(far, () => client, PIPE)
    expect([end, attached, process.attachments.size]).toEqual([
      how === 'lost' ? 'detached' : 'finished',
      1,
      0,
    ])
  })

  test('is left by the detach keys', async () => {
    const { host } = scene()
    const task = await launchTask(host, PLAN, OPTIONS)
    const [, far] = streamPair()
    expect(await task.lendSocket().serve(far, () => Promise.resolve('detached'), PIPE)).toBe('detached')
  })
})
