import { beforeEach, describe, expect, test } from 'vitest'
import { BASE, savedMachine } from '../../../test/support/saved-machines.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { SessionKeeper } from './session-keeper.ts'

const leases: string[] = []
const content = {
  leaseAll: async (id: string) => void leases.push(`all as ${id}`),
  lease: async (id: string, digests: readonly string[]) => void leases.push(`${digests.join()} as ${id}`),
  release: async (id: string) => void leases.push(`${id} ends`),
}

let store: MemoryKeyValueStore
beforeEach(() => {
  store = new MemoryKeyValueStore()
  leases.length = 0
})

/** A page that is loaded. */
const page = (): SessionKeeper => new SessionKeeper(store, undefined)

async function find(base = BASE) {
  const keeper = page()
  return { saved: await keeper.find(base), keeper, outcome: keeper.outcome }
}

const blocks = () => store.keys('session/data/')

describe('a machine that was kept', () => {
  test('is found by the next page, the last of several, and only that takes room', async () => {
    const last = savedMachine({ savedAt: 9 })
    await page().keep(savedMachine(), content)
    await page().keep(last, content)
    expect(await find()).toMatchObject({ saved: last, outcome: { state: 'resumed', savedAt: 9 } })
    expect(await blocks()).toHaveLength(1)
  })

  test('keeps the layers that are leased, and those of which it has files', async () => {
    await page().keep(savedMachine(), content)
    expect(leases).toEqual(['all as session', 'sha256:aa as session'])
  })

  test('is whole when the page ends in the middle of the next save', async () => {
    const first = savedMachine()
    await page().keep(first, content)
    const setMany = store.setMany.bind(store)
    let writes = 0
    // The page has gone: what it does from here on never happens.
    store.setMany = (entries) => (++writes > 1 ? new Promise(() => undefined) : setMany(entries))
    void page().keep(savedMachine({ savedAt: 9 }), content)
    await expect.poll(() => writes).toBe(2)
    store.setMany = setMany
    expect(await find()).toMatchObject({ saved: first })
  })

  test('stays when there is no room for the next one, of which nothing is left', async () => {
    const first = savedMachine()
    await page().keep(first, content)
    const setMany = store.setMany.bind(store)
    store.setMany = (entries) =>
      entries.some(([key]) => key.endsWith('current'))
        ? Promise.reject(new EngineError('exhausted', 'the browser’s storage for this site is full'))
        : setMany(entries)
    await expect(page().keep(savedMachine({ savedAt: 9 }), content)).rejects.toMatchObject({
      code: 'exhausted',
    })
    store.setMany = setMany
    expect(await blocks()).toHaveLength(1)
    expect((await find()).saved).toEqual(first)
  })

  test('of another build is not gone on with, and stays until another takes its place', async () => {
    await page().keep(savedMachine({ savedAt: 9 }), content)
    expect(await find({ ...BASE, buildId: 'other' })).toMatchObject({
      saved: undefined,
      outcome: { state: 'lost', why: 'other-build', savedAt: 9 },
    })
    expect((await find()).outcome.state).toBe('resumed')
  })

  test('is forgotten with its layers', async () => {
    const keeper = page()
    await keeper.keep(savedMachine(), content)
    await keeper.drop(content)
    expect(await find()).toMatchObject({ saved: undefined, outcome: { state: 'none' } })
    expect(await store.keys('session/')).toEqual([])
    expect(leases.at(-1)).toBe('session ends')
  })
})

describe('a record that cannot be used is told of once, and removed:', () => {
  const lost = { saved: undefined, outcome: { state: 'lost', why: 'damaged' } }

  test('a damaged block', async () => {
    await page().keep(savedMachine(), content)
    const [key] = await blocks()
    const block = (await store.get(key!)) as Uint8Array
    await store.setMany([[key!, block.map((byte, at) => (at === 99 ? byte ^ 1 : byte))]])
    expect(await find()).toMatchObject(lost)
    expect((await find()).outcome).toEqual({ state: 'none' })
    expect(await blocks()).toEqual([])
  })

  test('a block that is gone', async () => {
    await page().keep(savedMachine(), content)
    await store.deleteMany(await blocks())
    expect(await find()).toMatchObject(lost)
  })

  test('a record that is none', async () => {
    await store.setMany([['session/current', { run: 'x' }]])
    expect(await find()).toMatchObject(lost)
    expect((await find()).outcome).toEqual({ state: 'none' })
  })

  test('a machine that did not start', async () => {
    await page().keep(savedMachine({ savedAt: 9 }), content)
    const { keeper } = await find()
    await keeper.failed(new EngineError('internal', 'the guest kernel panicked'))
    const outcome = { state: 'lost', why: 'failed', savedAt: 9, detail: 'the guest kernel panicked' }
    expect(keeper.outcome).toEqual(outcome)
    expect((await find()).outcome).toEqual({ state: 'none' })
  })

  test('a machine with which the tab ended each time', async () => {
    await page().keep(savedMachine(), content)
    for (let visits = 0; visits < 3; visits++) expect((await find()).outcome.state).toBe('resumed')
    expect((await find()).outcome).toMatchObject({ state: 'lost', why: 'failed' })
  })
})

test('a machine that starts may start again and again', async () => {
  await page().keep(savedMachine(), content)
  for (let visits = 0; visits < 9; visits++) {
    const { keeper, outcome } = await find()
    expect(outcome.state).toBe('resumed')
    await keeper.started()
  }
})

test('a browser that does not give it is told of, and the machine stays', async () => {
  await page().keep(savedMachine(), content)
  const get = store.get.bind(store)
  store.get = () => Promise.reject(new EngineError('unavailable', 'the browser’s storage failed: gone'))
  expect((await find()).outcome).toMatchObject({ state: 'lost', why: 'unreadable' })
  store.get = get
  expect((await find()).outcome.state).toBe('resumed')
})

test('a tab beside another goes on with no machine, and keeps none', async () => {
  await page().keep(savedMachine(), content)
  const refusing = { request: () => Promise.reject(new DOMException('', 'TimeoutError')) }
  const keeper = new SessionKeeper(store, refusing as unknown as LockManager)
  expect(await keeper.find(BASE)).toBeUndefined()
  await expect(keeper.keep(savedMachine(), content)).rejects.toMatchObject({ code: 'conflict' })
  await keeper.drop(content)
  expect((await find()).outcome.state).toBe('resumed')
})
