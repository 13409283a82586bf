/** The work of an engine whose predecessor was killed between two of its steps. */
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { pauseContainer } from './pause-container.ts'
import { startContainer } from './start-container.ts'
import { killContainer } from './stop-container.ts'
import { testEngine, type TestEngine } from '../../testing/test-engine.ts'

const OVERLAY = '/var/lib/docker/overlay2'
const SHIMS = '/run/porthole/shim'

const state = ({ context }: TestEngine, name: string) => context.containers.find(name).record.state

/** Runs `steps`, then restores the container's record, as if the engine had been killed before it saved what they did. */
async function asSaved(engine: TestEngine, name: string, steps: () => Promise<unknown>): Promise<void> {
  const container = engine.context.containers.find(name)
  const path = `${engine.context.containers.directory(container.id)}/config.json`
  const before = await engine.files.readText(path)
  await steps()
  await engine.files.writeAtomically(path, before)
}

describe('a container that was', () => {
  it('started again, not yet recorded so, runs', async () => {
    const first = testEngine()
    const container = await first.create({}, 'again')
    await startContainer(first.context, container)
    await killContainer(first.context, container)
    await asSaved(first, 'again', () => startContainer(first.context, container))
    const second = await first.restart()
    expect(state(second, 'again')).toMatchObject(first.machine.process(container.id).identity)
    expect(state(second, 'again')).toMatchObject({ status: 'running', exitCode: 0 })
    expect(second.context.containers.find('again').record.manuallyStopped).toBe(false)
  })

  it('ended, and recorded so, does not end again', async () => {
    const first = testEngine()
    const policy = { Name: 'on-failure', MaximumRetryCount: 5 } as const
    const container = await first.create({ HostConfig: { RestartPolicy: policy } }, 'ended')
    await startContainer(first.context, container)
    first.context.launcher.forget = () => new Promise(() => undefined)
    first.machine.process(container.id).end({ exitCode: 1, finishedAt: String(first.clock.now()) })
    await expect.poll(() => state(first, 'ended').status).toBe('restarting')
    const second = await first.restart()
    expect(second.context.containers.find('ended').record.restartCount).toBe(1)
    expect(second.events.map(({ Action }) => Action)).toEqual([])
    expect(first.machine.processes.size).toBe(0)
  })

  it('made with --rm goes, with its volumes, when it does not run', async () => {
    const first = testEngine()
    await first.create({ HostConfig: { AutoRemove: true, Binds: ['/data'] } }, 'gone')
    expect(await first.context.volumes.list({})).toHaveLength(1)
    const second = await first.restart()
    expect(second.context.containers.all()).toEqual([])
    expect(await second.context.volumes.list({})).toEqual([])
  })

  it('made with --rm and started in the last moment runs, and goes when it ends', async () => {
    const first = testEngine()
    const container = await first.create({ HostConfig: { AutoRemove: true } }, 'brief')
    await startContainer(first.context, container)
    const second = await first.restart()
    expect(state(second, 'brief')).toMatchObject({ status: 'running', ...container.task!.identity })
    const removed = second.context.containers.find('brief').wait('removed')
    first.machine.process(container.id).end({ exitCode: 7 })
    expect(await removed).toEqual({ StatusCode: 7 })
    expect(first.machine.processes.size).toBe(0)
  })

  it('being removed with its volumes goes with them', async () => {
    const first = testEngine()
    const container = await first.create({ HostConfig: { Binds: ['/data'] } }, 'going')
    Object.assign(container.record, { removeVolumes: true })
    container.record.state.status = 'removing'
    await first.context.containers.save(container)
    const second = await first.restart()
    expect(second.context.containers.all()).toEqual([])
    expect(await second.context.volumes.list({})).toEqual([])
  })

  it('frozen by a commit goes on, one frozen by a client does not', async () => {
    const first = testEngine()
    for (const name of ['commit', 'client']) {
      const container = await first.create({}, name)
      await startContainer(first.context, container)
      if (name === 'commit') container.record.pausedForCommit = true
      await pauseContainer(first.context, container)
      first.files.put(`/sys/fs/cgroup/docker/${container.id}/cgroup.freeze`, '1\n')
    }
    const second = await first.restart()
    expect([state(second, 'commit').status, state(second, 'client').status]).toEqual(['running', 'paused'])
  })
})

describe('one container that cannot be recovered costs only itself:', () => {
  it('one whose shim cannot be reached', async () => {
    const first = testEngine()
    for (const name of ['before', 'lost', 'after']) {
      const container = await first.create({}, name)
      await startContainer(first.context, container)
    }
    const { id } = first.context.containers.find('lost')
    const refused = new EngineError('internal', 'connect EMFILE')
    const second = await first.restart((launcher) => {
      const reconnect = launcher.reconnect.bind(launcher)
      launcher.reconnect = (one) => (one === id ? Promise.reject(refused) : reconnect(one))
    })
    expect(['before', 'after'].map((name) => state(second, name).status)).toEqual(['running', 'running'])
    expect(second.reported).toEqual([refused])
    await killContainer(second.context, second.context.containers.find('after'))
  })

  it('one whose record was cut short', async () => {
    const first = testEngine()
    const whole = await first.create({}, 'whole')
    const torn = await first.create({}, 'torn')
    const path = `${first.context.containers.directory(torn.id)}/config.json`
    first.files.put(path, (await first.files.readText(path)).slice(0, 100))
    const second = await first.restart()
    expect(second.context.containers.all().map(({ id }) => id)).toEqual([whole.id])
    expect(second.reported).toEqual([expect.objectContaining({ code: 'corrupt' })])
    await startContainer(second.context, second.context.containers.find('whole'))
  })
})

describe('of a creation that was never acknowledged', () => {
  it('nothing is left: its volumes, its directories, what was mounted in them', async () => {
    const first = testEngine()
    const container = await first.create({ HostConfig: { Binds: ['/data', 'named:/x'] } })
    await first.files.removeTree(first.context.containers.directory(container.id))
    const merged = `${OVERLAY}/${container.id}/merged`
    first.files.put('/proc/self/mountinfo', `30 20 0:25 / ${merged} ro - overlay overlay ro\n`)
    const second = await first.restart()
    expect(first.machine.hostPlans.flatMap(({ steps }) => steps)).toContainEqual(
      expect.objectContaining({ op: 'umount', path: merged }),
    )
    expect(await first.files.list(OVERLAY)).toEqual([])
    const [volume, ...others] = await second.context.volumes.list({})
    expect([volume!.Name, others]).toEqual(['named', []])
    await second.context.volumes.remove('named', false)
  })
})

describe('processes beside the first ones', () => {
  it('leave no record; those of a container go on, those of the guest are ended', async () => {
    const first = testEngine()
    const container = await first.create({}, 'web')
    await startContainer(first.context, container)
    const plan = first.machine.process(container.id).plan
    for (const id of ['inside', 'outside', 'ended']) {
      const { identity } = first.machine.start({ ...plan, id })
      first.files.put(`${SHIMS}/${id}.${id === 'ended' ? 'exit' : 'sock'}`, '')
      first.files.put(
        `/proc/${identity.pid}/cgroup`,
        `0::${id === 'inside' ? `/docker/${container.id}` : '/'}\n`,
      )
    }
    first.machine.process('ended').end()
    first.files.put(`${SHIMS}/killed.sock`, '')
    await first.restart()
    await expect.poll(() => [...first.machine.processes.keys()]).toEqual([container.id, 'inside'])
    expect(await first.files.exists(`${SHIMS}/killed.sock`)).toBe(false)
  })
})
