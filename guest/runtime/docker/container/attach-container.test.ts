/** The ends of an attach: with its container, or at once because there is nothing to attach to. */
import { expect, test } from 'vitest'
import type { DirectAttach, DirectEnd } from '../../../protocol/api/direct-attach.ts'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { streamPair } from '../api/stream-pair.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { prepareAttach } from './attach-container.ts'
import { startContainer } from './start-container.ts'

const OPTIONS = { stdin: false, stdout: true, stderr: true, stream: true, logs: false }

async function scene() {
  const engine = testEngine()
  const container = await engine.create({}, 'web')
  const attach = () => {
    const [near, far] = streamPair()
    return { near, served: prepareAttach(engine.context, container, OPTIONS).run(far) }
  }
  return { engine, container, attach }
}

test('a shim that cannot be reached fails it', async () => {
  const { engine, container, attach } = await scene()
  await startContainer(engine.context, container)
  const failure = new EngineError('internal', 'connect EMFILE')
  container.task!.attach = () => Promise.reject(failure)
  await expect(attach().served).rejects.toBe(failure)
})

test('so does one that cannot be reached once the container has started', async () => {
  const { engine, container, attach } = await scene()
  const failure = new EngineError('internal', 'connect EMFILE')
  const { launcher } = engine.context
  const launch = launcher.launch.bind(launcher)
  launcher.launch = async (plan) =>
    Object.assign(await launch(plan), { attach: () => Promise.reject(failure) })
  const { served } = attach()
  served.catch(() => undefined)
  await startContainer(engine.context, container)
  await expect(served).rejects.toBe(failure)
})

test('a process that ended in the same moment, or never came, ends it', async () => {
  const { engine, container, attach } = await scene()
  const waiting = attach()
  engine.machine.failNext(new EngineError('internal', 'execve: no such file or directory'))
  await expect(startContainer(engine.context, container)).rejects.toThrow()
  await startContainer(engine.context, container)
  engine.machine.process(container.id).state = 'ended'
  container.task!.attach = () => Promise.reject(new EngineError('conflict', 'it has ended'))
  const late = attach()
  for (const { near, served } of [waiting, late]) {
    await served
    expect(await near.read()).toBeNull()
  }
})

test('who has seen its end finds the container ended', async () => {
  const { engine, container, attach } = await scene()
  const { near, served } = attach()
  await startContainer(engine.context, container)
  // The exit must wait for this clean-up, which takes a turn of the event loop.
  container.undo.push('a mount', () => new Promise((resolve) => setImmediate(resolve)))
  engine.machine.process(container.id).end({ exitCode: 3 })
  expect(await near.read()).toBeNull()
  expect(container.record.state).toMatchObject({ status: 'exited', exitCode: 3 })
  await served
})

test('a client that attaches itself does so once the container has started, beside others', async () => {
  const { engine, container, attach } = await scene()
  const targets: string[] = []
  const client = deferred<DirectEnd>()
  const direct: DirectAttach = ({ path }) => (targets.push(path), client.promise)
  const [near, far] = streamPair()
  const served = prepareAttach(engine.context, container, { ...OPTIONS, direct }).run(far)
  const other = attach()
  expect(targets).toEqual([])
  await startContainer(engine.context, container)
  await expect.poll(() => targets).toEqual([container.plan!.socketPath])
  expect(container.plan!.io.holdOutput).toBe(2)
  engine.machine.process(container.id).end()
  await other.served
  client.resolve('output-ended')
  await served
  expect([await near.read(), container.isRunning]).toEqual([null, false])
})
