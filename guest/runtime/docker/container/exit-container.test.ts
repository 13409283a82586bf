/** A clean-up that fails once leaves nobody waiting, and is tried again. */
import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { testEngine, type TestEngine } from '../../testing/test-engine.ts'
import { removeContainer } from './remove-container.ts'
import { startContainer } from './start-container.ts'
import { stopContainer } from './stop-container.ts'

const failure = new EngineError('exhausted', 'cannot fork: out of memory')
const reportOfIt = expect.objectContaining({ message: expect.stringContaining(failure.message) as string })

/** Makes the next call of a method reject. */
function failOnce<Name extends string>(
  target: Record<Name, (...args: never[]) => unknown>,
  name: Name,
): void {
  const original = target[name]
  target[name] = () => {
    target[name] = original
    return Promise.reject(failure)
  }
}

test.each<[what: string, fail: (engine: TestEngine) => void]>([
  ['the network’s tear-down', ({ context }) => failOnce(context.networks, 'tearDown')],
  ['the record', ({ files }) => failOnce(files, 'writeAtomically')],
  ['the exit record’s removal', ({ context }) => failOnce(context.launcher, 'forget')],
])('%s, failing at the exit, lets stop end, and start and rm work again', async (_, fail) => {
  const engine = testEngine()
  const { context, machine, reported } = engine
  const container = await engine.create({}, 'web')
  await startContainer(context, container)
  const waiting = container.wait('not-running')
  const removed = container.wait('removed')
  fail(engine)
  machine.process(container.id).end({ exitCode: 5 })
  expect(await waiting).toEqual({ StatusCode: 5 })
  expect(reported).toEqual([reportOfIt])
  await startContainer(context, container)
  expect(engine.connected.size).toBe(1)
  await stopContainer(context, container, { signal: 'KILL' })
  await removeContainer(context, container, { force: false, volumes: true })
  expect(await removed).toEqual({ StatusCode: 137 })
  expect([context.containers.all(), engine.connected.size, reported]).toEqual([[], 0, [reportOfIt]])
})

test.each<[what: string, fail: (engine: TestEngine) => void]>([
  ['the network’s tear-down', ({ context }) => failOnce(context.networks, 'tearDown')],
  ['the record', ({ files }) => failOnce(files, 'writeAtomically')],
])('%s, failing while the container is stopped or removed by force, hangs neither', async (_, fail) => {
  for (const signal of ['stop', 'rm'] as const) {
    const engine = testEngine()
    const container = await engine.create({}, 'web')
    await startContainer(engine.context, container)
    fail(engine)
    if (signal === 'stop') await stopContainer(engine.context, container, { signal: 'KILL' })
    await removeContainer(engine.context, container, { force: true, volumes: true })
    expect(engine.context.containers.all()).toEqual([])
    expect(engine.reported).toEqual([reportOfIt])
  }
})
