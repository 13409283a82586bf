import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { startContainer } from './start-container.ts'
import { whileStill } from './volume-writers.ts'

const failure = new EngineError('internal', 'cannot fork: out of memory')

/** Three running containers that write into one volume, and a launcher that may fail a freeze or a thaw. */
async function scene() {
  const engine = testEngine()
  for (const name of ['one', 'two', 'three']) {
    const container = await engine.create({ HostConfig: { Binds: ['data:/data'] } }, name)
    await startContainer(engine.context, container)
  }
  const frozen = new Set<string>()
  const run = engine.context.launcher.run.bind(engine.context.launcher)
  const scene = { engine, frozen, fails: (_: { path: string; frozen: boolean }) => false }
  engine.context.launcher.run = async (plan) => {
    for (const step of plan.steps) {
      if (step.op !== 'cgroup-freeze') continue
      if (scene.fails(step)) throw failure
      if (step.frozen) frozen.add(step.path)
      else frozen.delete(step.path)
    }
    return run(plan)
  }
  return scene
}

const STILL = 3

test('all writers stand still while the volume is read, and run on after', async () => {
  const { engine, frozen } = await scene()
  expect(await whileStill(engine.context, 'data', async () => frozen.size)).toBe(STILL)
  expect(frozen.size).toBe(0)
})

test('one thaw that fails leaves no other frozen, and is said', async () => {
  const scenery = await scene()
  const { engine, frozen } = scenery
  let stuck: string | undefined
  scenery.fails = (step) => !step.frozen && (stuck ??= step.path) === step.path
  expect(await whileStill(engine.context, 'data', async () => 'read')).toBe('read')
  expect([...frozen]).toEqual([stuck])
  expect(engine.reported).toEqual([failure])
})

test('one freeze that fails thaws the others, and its failure is the caller’s', async () => {
  const scenery = await scene()
  const { engine, frozen } = scenery
  scenery.fails = (step) => step.frozen && frozen.size === STILL - 1
  await expect(whileStill(engine.context, 'data', async () => 'read')).rejects.toBe(failure)
  expect(frozen.size).toBe(0)
  expect(engine.context.containers.all().map(({ record }) => record.state.status)).toEqual(
    Array.from({ length: STILL }, () => 'running'),
  )
})
