import { expect, test } from 'vitest'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { recoverContainers } from '../container/recover-containers.ts'
import { removeContainer } from '../container/remove-container.ts'
import { startContainer } from '../container/start-container.ts'
import { releasingFirst } from '../state/spare-lease.ts'
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

const OPTIONS = { force: false, volumes: false }

test("a container leases its image's layers from its creation to some time after its removal", async () => {
  const engine = testEngine()
  const { leases } = leasing(engine)
  const container = await engine.create()
  expect(leases).toEqual(new Map([[container.id, LAYERS]]))
  await removeContainer(engine.context, container, OPTIONS)
  expect(leases.size).toBe(1)
  engine.clock.advance(10_000)
  await expect.poll(() => leases.size).toBe(0)
  expect(await engine.files.list('/var/lib/docker/overlay2')).toEqual([])
})

test('the next container of the same layers takes the lease of a removed one over', async () => {
  const engine = testEngine()
  const { leases, answer } = leasing(engine)
  const first = await engine.create()
  await removeContainer(engine.context, first, OPTIONS)
  answer.lease = () => Promise.reject(new EngineError('unavailable', 'nobody should ask'))
  const second = await engine.create()
  await startContainer(engine.context, second)
  engine.clock.advance(60_000)
  expect([...leases.keys()]).toEqual([first.id])
  const third = testEngine(engine.machine, engine.files, engine.clock)
  leasing(third, leases)
  await recoverContainers(third.context)
  expect([...leases.keys()]).toEqual([second.id])
  expect(await engine.files.list('/var/lib/docker/overlay2')).toEqual([second.id])
})

test('what may delete layers releases the lease of a removed container first', async () => {
  const engine = testEngine()
  const { leases } = leasing(engine)
  await removeContainer(engine.context, await engine.create(), OPTIONS)
  const seen: number[] = []
  const store = { ...engine.context.content, collect: async () => (seen.push(leases.size), []) }
  await releasingFirst(store, engine.context.spareLease).collect()
  expect(seen).toEqual([0])
})

test('a lease that a removed container has left is released later when it cannot be now', async () => {
  const engine = testEngine()
  const { leases, answer } = leasing(engine)
  await removeContainer(engine.context, await engine.create(), OPTIONS)
  answer.release = () => Promise.reject(new EngineError('unavailable', 'the page is gone'))
  engine.clock.advance(10_000)
  await expect.poll(() => engine.reported).toHaveLength(1)
  answer.release = () => Promise.resolve()
  engine.clock.advance(10_000)
  await expect.poll(() => leases.size).toBe(0)
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
  const [other, container] = [await engine.create(), await engine.create()]
  await removeContainer(engine.context, other, OPTIONS)
  answer.release = () => Promise.reject(new EngineError('unavailable', 'the page is gone'))
  await expect(removeContainer(engine.context, container, OPTIONS)).rejects.toThrow('the page is gone')
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
