import { expect, test } from 'vitest'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { recoverContainers } from '../container/recover-containers.ts'
import { removeContainer } from '../container/remove-container.ts'
import { startContainer } from '../container/start-container.ts'
import { testEngine, type TestEngine } from '../../testing/test-engine.ts'

/** An engine whose store keeps leases in `leases`, and whose calls a test answers. */
function leasing(engine: TestEngine, leases = new Map<string, string[]>()) {
  const answer = { lease: () => Promise.resolve(), release: () => Promise.resolve() }
  engine.context.content = {
    ...engine.context.content,
    async lease(id, digests) {
      leases.set(id, digests)
      await answer.lease()
    },
    async release(id) {
      await answer.release()
      leases.delete(id)
    },
  }
  return { leases, answer }
}

const LAYERS = ['sha256:bbbb', 'sha256:aaaa']

test("a container leases its image's layers from its creation to its removal", async () => {
  const engine = testEngine()
  const { leases } = leasing(engine)
  const container = await engine.create()
  expect(leases).toEqual(new Map([[container.id, LAYERS]]))
  await removeContainer(engine.context, container, { force: false, volumes: false })
  expect(leases.size).toBe(0)
})

test('creating a container does not wait for the lease, starting it does', async () => {
  const engine = testEngine()
  const { answer } = leasing(engine)
  const answered = deferred<void>()
  answer.lease = () => answered.promise
  const container = await engine.create()
  const started = startContainer(engine.context, container)
  await Promise.resolve()
  expect(engine.machine.launchPlans).toHaveLength(0)
  answered.resolve()
  await started
  expect(engine.machine.launchPlans).toHaveLength(1)
})

test('a lease that failed is asked for again at the start, whose failure says why', async () => {
  const engine = testEngine()
  const { leases, answer } = leasing(engine)
  answer.lease = () => Promise.reject(new EngineError('unavailable', 'the page is gone'))
  const container = await engine.create()
  await expect(startContainer(engine.context, container)).rejects.toThrow('the page is gone')
  expect(engine.machine.launchPlans).toHaveLength(0)
  answer.lease = () => Promise.resolve()
  leases.clear()
  await startContainer(engine.context, container)
  expect(leases.get(container.id)).toEqual(LAYERS)
})

test('a container whose lease cannot be released is not forgotten', async () => {
  const engine = testEngine()
  const { answer } = leasing(engine)
  const container = await engine.create()
  answer.release = () => Promise.reject(new EngineError('unavailable', 'the page is gone'))
  const options = { force: false, volumes: false }
  await expect(removeContainer(engine.context, container, options)).rejects.toThrow('the page is gone')
  expect(engine.context.containers.byId(container.id)).toBe(container)
})

test('a creation that fails leaves no lease', async () => {
  const engine = testEngine()
  const { leases } = leasing(engine)
  await expect(engine.create({ HostConfig: { Binds: ['/nowhere:/x:bad-mode'] } })).rejects.toThrow()
  expect(leases.size).toBe(0)
})

test('a new engine leases the layers of all containers again and releases what a dead creation left', async () => {
  const engine = testEngine()
  const { leases } = leasing(engine)
  const container = await engine.create()
  const forgotten = 'f'.repeat(64)
  await engine.files.makeDirectory(`/var/lib/docker/overlay2/${forgotten}/diff`)
  leases.delete(container.id)
  leases.set(forgotten, LAYERS)
  const next = testEngine(engine.machine, engine.files, engine.clock)
  leasing(next, leases)
  await recoverContainers(next.context)
  expect(leases).toEqual(new Map([[container.id, LAYERS]]))
  expect(await engine.files.list('/var/lib/docker/overlay2')).toEqual([container.id])
})
