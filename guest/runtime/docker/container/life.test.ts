import { describe, expect, it, onTestFinished } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import { pauseContainer, unpauseContainer } from './pause-container.ts'
import { removeContainer } from './remove-container.ts'
import { startContainer } from './start-container.ts'
import { killContainer, restartContainer, stopContainer } from './stop-container.ts'
import { testEngine, type TestEngine } from '../../testing/test-engine.ts'

const status = ({ record }: Container) => record.state.status
const actions = ({ events }: TestEngine) => events.map(({ Action }) => Action)

/** The record as it is on disk. */
async function saved({ files, context }: TestEngine, { id }: Container) {
  return JSON.parse(
    await files.readText(`${context.containers.directory(id)}/config.json`),
  ) as Container['record']
}

async function running(engine: TestEngine, ...args: Parameters<TestEngine['create']>) {
  const container = await engine.create(...args)
  await startContainer(engine.context, container)
  return container
}

function newEngine(): TestEngine {
  const engine = testEngine()
  onTestFinished(() => expect(engine.reported).toEqual([]))
  return engine
}

describe('a container', () => {
  it('is on disk before its creation is acknowledged, with the image merged in', async () => {
    const engine = newEngine()
    const container = await engine.create({ Env: ['A=1'], Labels: { own: 'yes' } }, 'web')
    const record = await saved(engine, container)
    expect(record).toMatchObject({ name: '/web', path: 'sh', layers: ['sha256:bbbb', 'sha256:aaaa'] })
    expect(record.config).toMatchObject({
      Hostname: container.id.slice(0, 12),
      Env: ['A=1', 'PATH=/bin'],
      Labels: { from: 'image', own: 'yes' },
    })
    expect(actions(engine)).toEqual(['create'])
  })

  it('leaves nothing behind when its creation fails', async () => {
    const engine = newEngine()
    await engine.create({}, 'web')
    await expect(engine.create({}, 'web')).rejects.toThrow(
      /^Conflict\. The container name "\/web" is already in use/,
    )
    await expect(engine.create({ HostConfig: { Memory: 1 } })).rejects.toThrow(
      'Minimum memory limit allowed is 6MB',
    )
    expect(await engine.files.list('/var/lib/docker/containers')).toHaveLength(1)
    expect(await engine.files.list('/var/lib/docker/overlay2')).toHaveLength(1)
  })

  it('runs, exits with its code and releases its network', async () => {
    const engine = newEngine()
    const container = await running(engine)
    expect([status(container), engine.connected.size]).toEqual(['running', 1])
    const waiting = container.wait('not-running')
    engine.machine.process(container.id).end({ exitCode: 7, finishedAt: String(engine.clock.now()) })
    expect(await waiting).toEqual({ StatusCode: 7 })
    expect((await saved(engine, container)).state).toMatchObject({ status: 'exited', exitCode: 7, pid: 0 })
    expect(engine.connected.size).toBe(0)
    expect(actions(engine)).toEqual(['create', 'start', 'die'])
  })

  it('tells an OOM kill from another', async () => {
    const engine = newEngine()
    const container = await running(engine)
    const waiting = container.wait('next-exit')
    engine.machine.process(container.id).end({ exitCode: 137, oomKilled: true })
    await waiting
    expect(container.record.state).toMatchObject({ exitCode: 137, oomKilled: true })
    expect(actions(engine)).toContain('oom')
  })

  it('stays created, with the reason and 127, when its command does not exist', async () => {
    const engine = newEngine()
    const container = await engine.create({ Cmd: ['nope'] })
    const launch = engine.context.launcher.launch.bind(engine.context.launcher)
    engine.context.launcher.launch = (plan) => {
      engine.machine.failNext(
        new EngineError('internal', 'execute', {
          role: 'init',
          step: plan.init.length - 1,
          op: 'execute',
          errno: 2,
        }),
      )
      return launch(plan)
    }
    await expect(startContainer(engine.context, container)).rejects.toThrow(
      /^failed to create task for container: .*exec: "nope": executable file not found in \$PATH: unknown$/,
    )
    expect((await saved(engine, container)).state).toMatchObject({ status: 'created', exitCode: 127 })
    expect(engine.connected.size).toBe(0)
  })

  it('is killed when it ignores its stop signal for longer than the timeout', async () => {
    const engine = newEngine()
    const container = await running(engine, { StopSignal: 'SIGINT' })
    const process = engine.machine.process(container.id)
    const stopping = stopContainer(engine.context, container, { timeout: 3 })
    // The signal is sent under the container's lock; the timer runs once the lock is free.
    await container.lock.run(async () => undefined)
    expect(process.signals).toEqual([2])
    await expect.poll(() => engine.clock.pending).toBe(1)
    engine.clock.advance(3000)
    await stopping
    expect(process.signals).toEqual([2, 9])
    expect(container.record).toMatchObject({
      manuallyStopped: true,
      state: { status: 'exited', exitCode: 137 },
    })
    expect(actions(engine)).toEqual(['create', 'start', 'kill', 'kill', 'die', 'stop'])
  })

  it('freezes and thaws its cgroup, and is thawed to be killed', async () => {
    const engine = newEngine()
    const container = await running(engine)
    await pauseContainer(engine.context, container)
    expect(status(container)).toBe('paused')
    await unpauseContainer(engine.context, container)
    expect(status(container)).toBe('running')
    await pauseContainer(engine.context, container)
    await killContainer(engine.context, container)
    const frozen = engine.machine.hostPlans
      .flatMap(({ steps }) => steps)
      .flatMap((step) => (step.op === 'cgroup-freeze' ? [step.frozen] : []))
    expect(frozen.slice(0, 3)).toEqual([true, false, true])
    expect(status(container)).toBe('exited')
  })

  it('is not started again by its policy while docker restart holds it', async () => {
    const engine = newEngine()
    const container = await running(engine, {
      HostConfig: { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } },
    })
    await restartContainer(engine.context, container, { signal: 'KILL' })
    expect([status(container), container.record.restartCount]).toEqual(['running', 0])
    expect(engine.machine.launchPlans).toHaveLength(2)
  })

  it('goes with everything it had, and the waiting learn of it', async () => {
    const engine = newEngine()
    const container = await running(engine, { HostConfig: { AutoRemove: true } }, 'gone')
    const removed = container.wait('removed')
    engine.machine.process(container.id).end({ exitCode: 4 })
    expect(await removed).toEqual({ StatusCode: 4 })
    expect(() => engine.context.containers.find('gone')).toThrow('No such container: gone')
    expect(await engine.files.list('/var/lib/docker/containers')).toEqual([])
    // The sign of its lease goes with the lease.
    engine.clock.advance(10_000)
    await expect.poll(() => engine.files.list('/var/lib/docker/overlay2')).toEqual([])
    expect(actions(engine)).toEqual(['create', 'start', 'die', 'destroy'])
  })

  it('is written down once it has lived for a while, and not for its end', async () => {
    const engine = newEngine()
    const written: string[] = []
    const write = engine.files.writeAtomically.bind(engine.files)
    engine.context.files.writeAtomically = async (path, content) => {
      written.push((JSON.parse(String(content)) as { state: { status: string } }).state.status)
      await write(path, content)
    }
    for (const milliseconds of [0, 1000]) {
      const container = await running(engine, { HostConfig: { AutoRemove: true } })
      engine.clock.advance(milliseconds)
      const removed = container.wait('removed')
      engine.machine.process(container.id).end()
      await removed
      engine.clock.advance(1000)
    }
    expect(written).toEqual(['created', 'created', 'running'])
    expect(engine.reported).toEqual([])
  })

  it('is not removed while it runs unless forced', async () => {
    const engine = newEngine()
    const container = await running(engine, {}, 'web')
    const options = { force: false, volumes: false }
    await expect(removeContainer(engine.context, container, options)).rejects.toThrow(
      'cannot remove container "web": container is running: stop the container before removing or force remove',
    )
    await removeContainer(engine.context, container, { ...options, force: true })
    expect(engine.context.containers.all()).toEqual([])
  })
})

describe('restart policies', () => {
  const policy = (Name: 'always' | 'on-failure', MaximumRetryCount = 0) => ({
    HostConfig: { RestartPolicy: { Name, MaximumRetryCount } },
  })

  async function die(engine: TestEngine, container: Container, exitCode: number) {
    const waiting = container.wait('next-exit')
    engine.machine.process(container.id).end({ exitCode, finishedAt: String(engine.clock.now()) })
    await waiting
  }

  it('starts again after 100 ms, then twice as long each time', async () => {
    const engine = newEngine()
    const container = await running(engine, policy('always'))
    for (const delay of [100, 200, 400]) {
      await die(engine, container, 0)
      expect(status(container)).toBe('restarting')
      engine.clock.advance(delay - 1)
      expect(status(container)).toBe('restarting')
      engine.clock.advance(1)
      await expect.poll(() => status(container)).toBe('running')
    }
    expect(container.record.restartCount).toBe(3)
  })

  it('gives up after the maximum of on-failure, and at a success', async () => {
    const engine = newEngine()
    const failing = await running(engine, policy('on-failure', 1))
    await die(engine, failing, 1)
    engine.clock.advance(100)
    await expect.poll(() => status(failing)).toBe('running')
    await die(engine, failing, 1)
    expect(status(failing)).toBe('exited')
    const succeeding = await running(engine, policy('on-failure'))
    await die(engine, succeeding, 0)
    expect(status(succeeding)).toBe('exited')
  })

  it('a stop calls a scheduled restart off', async () => {
    const engine = newEngine()
    const container = await running(engine, policy('always'))
    await die(engine, container, 1)
    await stopContainer(engine.context, container, {})
    expect([status(container), engine.clock.pending]).toEqual(['exited', 0])
  })
})

describe('an engine that comes up again', () => {
  it('finds what runs, reports an exit that happened meanwhile, and finishes a removal', async () => {
    const first = testEngine()
    const [, ended, lost, removing] = await Promise.all([
      running(first, {}, 'lives'),
      running(first, {}, 'ended'),
      running(first, {}, 'lost'),
      first.create({}, 'removing'),
    ])
    first.machine.processes.delete(lost.id)
    removing.record.state.status = 'removing'
    await first.context.containers.save(removing)
    // The first engine has died by now, so its handlers must not see the exit.
    for (const { task } of first.context.containers.all()) task?.release()
    first.context.networks.tearDown = () => new Promise(() => undefined)
    first.machine.process(ended.id).end({ exitCode: 42, finishedAt: String(first.clock.now()) })
    const second = await first.restart()
    const state = (name: string) => second.context.containers.find(name).record.state
    expect(state('lives').status).toBe('running')
    await expect.poll(() => state('ended')).toMatchObject({ status: 'exited', exitCode: 42 })
    expect(state('lost')).toMatchObject({ status: 'exited', exitCode: 255 })
    expect(() => second.context.containers.find('removing')).toThrow('No such container')
    await killContainer(second.context, second.context.containers.find('lives'))
    expect(state('lives').exitCode).toBe(137)
    expect(second.reported).toEqual([])
  })
})
