/** Removals that meet other calls, and one that fails. */
import { expect, test } from 'vitest'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { removeContainer } from './remove-container.ts'
import { startContainer } from './start-container.ts'
import { testEngine, type TestEngine } from '../../testing/test-engine.ts'

const force = { force: true, volumes: false }
const gently = { force: false, volumes: false }

/** Holds every launch that begins until `go` is called. */
function holdLaunch({ context: { launcher } }: TestEngine) {
  const launch = launcher.launch.bind(launcher)
  const [begun, held] = [deferred<void>(), deferred<void>()]
  launcher.launch = async (plan) => {
    begun.resolve()
    return held.promise.then(() => launch(plan))
  }
  return { begun: begun.promise, go: held.resolve }
}

test('a second removal is refused while the first is under way', async () => {
  const engine = testEngine()
  const container = await engine.create({}, 'web')
  await startContainer(engine.context, container)
  const [first, second] = await Promise.allSettled([
    removeContainer(engine.context, container, force),
    removeContainer(engine.context, container, { ...force, calledBy: 'web' }),
  ])
  expect(first.status).toBe('fulfilled')
  expect((second as PromiseRejectedResult).reason).toMatchObject({
    code: 'conflict',
    message: 'removal of container web is already in progress',
  })
})

test('a start that was under way is ended by the removal, not forgotten by it', async () => {
  const engine = testEngine()
  const container = await engine.create()
  const { begun, go } = holdLaunch(engine)
  const starting = startContainer(engine.context, container)
  await begun
  const removing = removeContainer(engine.context, container, force)
  go()
  await Promise.all([starting, removing])
  expect(engine.machine.processes.size).toBe(0)
  expect(engine.connected.size).toBe(0)
})

test('a container that is being removed cannot be started any more', async () => {
  const engine = testEngine()
  const container = await engine.create()
  let release!: () => void
  engine.context.networks.tearDown = () => new Promise((resolve) => (release = resolve))
  const removing = removeContainer(engine.context, container, gently)
  await expect.poll(() => container.status).toBe('removing')
  await expect(startContainer(engine.context, container)).rejects.toThrow(
    'container is marked for removal and cannot be started',
  )
  release()
  await removing
})

test('a removal that fails leaves a dead container that says why, and can be tried again', async () => {
  const engine = testEngine()
  const container = await engine.create({}, 'web')
  const removeTree = engine.files.removeTree.bind(engine.files)
  const cause = Object.assign(new Error('EPERM'), { errno: -1, path: '/var/lib/docker/x/held' })
  engine.files.removeTree = () =>
    Promise.reject(new EngineError('forbidden', 'cannot remove /var/lib/docker/x: EPERM', {}, cause))
  const waiting = container.wait('removed')
  const reason = 'unable to remove filesystem: unlinkat /var/lib/docker/x/held: operation not permitted'
  await expect(removeContainer(engine.context, container, gently)).rejects.toThrow(
    `cannot remove container "web": ${reason}`,
  )
  expect(await waiting).toEqual({ StatusCode: 0, Error: { Message: reason } })
  expect(container.record.state).toMatchObject({ status: 'dead', error: reason })
  engine.files.removeTree = removeTree
  await removeContainer(engine.context, container, gently)
  expect(engine.context.containers.all()).toEqual([])
})
