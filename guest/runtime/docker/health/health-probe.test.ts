import { expect, test } from 'vitest'
import type { LaunchPlan } from '../../plan/plan.ts'
import { startContainer } from '../container/start-container.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { probe } from './health-probe.ts'

test('a check that takes too long says its time as Go writes durations', async () => {
  const engine = testEngine()
  const container = await engine.create()
  await startContainer(engine.context, container)
  const execs = () => [...container.execIds].map((id) => engine.context.execs.find(id))
  const probed = probe(engine.context, container, ['true'], 50)
  await expect.poll(() => execs()).toHaveLength(1)
  const [exec] = execs()
  await expect.poll(() => exec!.task).toBeDefined()
  await engine.clock.advance(50)
  engine.machine.process(exec!.id).end({ exitCode: 137 })
  expect(await probed).toEqual({ ExitCode: -1, Output: 'Health check exceeded timeout (50ms)' })
})

test('the time in which a check is launched is not its own', async () => {
  const engine = testEngine()
  const container = await engine.create()
  await startContainer(engine.context, container)
  const { launcher } = engine.context
  const launch = launcher.launch.bind(launcher)
  launcher.launch = async (plan: LaunchPlan) => {
    await engine.clock.advance(1000)
    return launch(plan)
  }
  const probed = probe(engine.context, container, ['true'], 50)
  await expect.poll(() => container.execIds.size).toBe(1)
  const [id] = container.execIds
  await expect.poll(() => engine.context.execs.find(id!).task).toBeDefined()
  engine.machine.process(id!).end()
  expect(await probed).toEqual({ ExitCode: 0, Output: '' })
})
