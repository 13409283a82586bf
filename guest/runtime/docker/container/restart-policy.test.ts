/** "Stopped by hand" and "restart cancelled" are two things (moby, daemon/kill.go and restartmanager). */
import { describe, expect, test } from 'vitest'
import type { RestartPolicy } from '../../../protocol/api/engine-api.ts'
import { testEngine, type TestEngine } from '../../testing/test-engine.ts'
import { startContainer } from './start-container.ts'
import { killContainer } from './stop-container.ts'

const state = ({ context }: TestEngine) => context.containers.find('web').record.state

/** A container `web` that stops at TERM, and that was sent HUP and survived it. */
async function hungUp(engine: TestEngine, Name: RestartPolicy['Name']): Promise<void> {
  const RestartPolicy = { Name, MaximumRetryCount: 0 }
  const container = await engine.create({ StopSignal: 'TERM', HostConfig: { RestartPolicy } }, 'web')
  await startContainer(engine.context, container)
  await killContainer(engine.context, container, 'HUP')
  expect(engine.machine.process(container.id).signals).toEqual([1])
}

async function end(engine: TestEngine): Promise<void> {
  const container = engine.context.containers.find('web')
  const waiting = container.wait('next-exit')
  engine.machine.process(container.id).end({ exitCode: 3, finishedAt: String(engine.clock.now()) })
  await waiting
}

describe('a container that was sent a signal which is not its stop signal', () => {
  test.each<[RestartPolicy['Name'], string]>([
    ['unless-stopped', 'exited'],
    ['always', 'restarting'],
    ['on-failure', 'restarting'],
  ])('with the policy %s is %s once it ends by itself', async (name, status) => {
    const engine = testEngine()
    await hungUp(engine, name)
    await end(engine)
    expect(state(engine)).toMatchObject({ status, exitCode: 3 })
  })

  test.each<[RestartPolicy['Name'], string]>([
    ['unless-stopped', 'exited'],
    ['always', 'restarting'],
  ])('with the policy %s is %s also when an engine that came up since sees the end', async (name, status) => {
    const first = testEngine()
    await hungUp(first, name)
    for (const { task } of first.context.containers.all()) task?.release()
    first.context.containers.save = () => new Promise(() => undefined)
    const second = await first.restart()
    await end(second)
    expect(state(second)).toMatchObject({ status, exitCode: 3 })
  })

  test.each<[RestartPolicy['Name'], string]>([
    ['unless-stopped', 'exited'],
    ['always', 'restarting'],
  ])('with the policy %s is %s when an engine comes up after the end', async (name, status) => {
    const first = testEngine()
    await hungUp(first, name)
    await end(first)
    const second = await first.restart()
    expect(state(second).status).toBe(status)
  })
})
