import { expect, test } from 'vitest'
import { startContainer } from '../container/start-container.ts'
import { stopContainer } from '../container/stop-container.ts'
import { startHealthMonitor } from './health-monitor.ts'
import { testEngine } from '../../testing/test-engine.ts'

test('a container that starts again begins with starting and no failures, and keeps its log', async () => {
  const engine = testEngine()
  const Healthcheck = { Test: ['CMD', 'false'], Interval: 1e9, Retries: 1 }
  const container = await engine.create({ Healthcheck }, 'hh')
  await startContainer(engine.context, container)
  engine.clock.advance(1000)
  await expect.poll(() => engine.machine.launchPlans).toHaveLength(2)
  engine.machine.process(engine.machine.launchPlans[1]!.id).end({ exitCode: 1 })
  const { record } = container
  await expect.poll(() => record.state.health).toMatchObject({ Status: 'unhealthy', FailingStreak: 1 })
  await stopContainer(engine.context, container, { signal: 'KILL' })
  expect(record.state.health).toMatchObject({ Status: 'unhealthy', FailingStreak: 1 })
  await startContainer(engine.context, container)
  expect(record.state.health).toMatchObject({ Status: 'starting', FailingStreak: 0, Log: [{ ExitCode: 1 }] })
  expect(engine.reported).toEqual([])
})

test('the start period is counted from the container’s start, over a pause too', async () => {
  const engine = testEngine()
  const Healthcheck = {
    Test: ['CMD', 'false'],
    Interval: 60e9,
    StartInterval: 60e9,
    StartPeriod: 90e9,
    Retries: 1,
  }
  const container = await engine.create({ Healthcheck }, 'hh')
  await startContainer(engine.context, container)
  engine.clock.advance(50_000)
  startHealthMonitor(engine.context, container, 'resumed')
  engine.clock.advance(60_000)
  await expect.poll(() => engine.machine.launchPlans).toHaveLength(2)
  engine.machine.process(engine.machine.launchPlans[1]!.id).end({ exitCode: 1 })
  await expect
    .poll(() => container.record.state.health)
    .toMatchObject({ Status: 'unhealthy', FailingStreak: 1 })
})
