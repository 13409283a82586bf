import { describe, expect, it } from 'vitest'
import { BASE, savedMachine } from '../../../test/support/saved-machines.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import type { Content } from '../content-service/content-service.ts'
import type { ChunkedTree, PrefetchOptions } from '../trees/chunked-tree.ts'
import { openGuest, type Guest } from '../vm/guest.ts'
import type { SavedMachine } from '../vm/saved-machine.ts'
import type { SnapshotIndex } from '../vm/snapshot.ts'
import { MachineHost } from './machine-host.ts'

/** A host whose site never answers the request for a file; `gone` resolves when nobody wants the file any more. */
function stalledHost() {
  let ask!: () => void
  let leave!: () => void
  const asked = new Promise<void>((resolve) => (ask = resolve))
  const gone = new Promise<void>((resolve) => (leave = resolve))
  const stalled = (signal: AbortSignal | undefined): Promise<never> => {
    ask()
    signal?.addEventListener('abort', leave)
    return new Promise(() => undefined)
  }
  const host = new MachineHost({
    site: () => ({
      read: (_path, signal) => stalled(signal),
      stream: (_path, _offset, signal) => stalled(signal),
    }),
    openStore: () => new MemoryKeyValueStore(),
    wasm: () => Promise.reject(new Error('not reached')),
    now: () => 0,
    openGuest,
  })
  return { host, asked, gone }
}

it('ends a boot that is under way, and may boot again', async () => {
  const { host, asked, gone } = stalledHost()
  for (let boots = 0; boots < 2; boots++) {
    const booting = host.boot({ baseUrl: 'http://site/' }, () => undefined)
    const ended = expect(booting).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the machine was shut down',
    })
    await asked
    await host.shutdown()
    await ended
    await gone
  }
})

const noNetwork = () => Promise.reject(new EngineError('unavailable', 'no network'))

/** A host of a machine with one tree, whose prefetch ends by its signal alone, and of images of which one fails. */
async function prefetchingHost(images: () => Promise<never[]>) {
  const tree = {
    prefetch: (_report: unknown, { signal }: PrefetchOptions) =>
      new Promise<void>((_, reject) =>
        signal!.addEventListener('abort', () => reject(signal!.reason as Error)),
      ),
  } as unknown as ChunkedTree
  const closed: string[] = []
  const guest = {
    ...{ manifest: { buildId: 'test', files: [] }, memory: 1, restored: false, returned: [] },
    machine: { quietFor: () => 1000, worked: () => 0, shutdown: async () => void closed.push('machine') },
    prepareToSave: () => Promise.resolve(),
    content: { catalogue: { distinct: images } } as unknown as Content,
    volumes: { close: () => void closed.push('volumes') },
    trees: new Map([['debian', tree]]),
  } as unknown as Guest
  const host = new MachineHost({
    site: () => ({ read: noNetwork, stream: noNetwork }),
    openStore: () => new MemoryKeyValueStore(),
    wasm: () => Promise.reject(new Error('not reached')),
    now: () => 0,
    openGuest: () => Promise.resolve(guest),
  })
  await host.boot({ baseUrl: 'http://site/' }, () => undefined)
  return { host, closed, tree }
}

it('ends a prefetch that is under way before the machine goes', async () => {
  const { host, closed } = await prefetchingHost(() => Promise.resolve([]))
  const order: string[] = []
  const prefetching = host
    .prefetch(undefined, () => undefined)
    .catch((error: Error) => {
      order.push(error.message, ...closed)
    })
  await host.shutdown()
  await prefetching
  expect(order).toEqual(['the machine was shut down'])
  expect(closed).toEqual(['machine', 'volumes'])
})

it('ends the other parts of a prefetch that fails', async () => {
  const { host, tree } = await prefetchingHost(() => Promise.reject(new Error('offline')))
  let ended: unknown
  const { prefetch } = tree
  tree.prefetch = (report, options) => prefetch(report, options).catch((error) => (ended = error))
  await expect(host.prefetch(undefined, () => undefined)).rejects.toThrow('offline')
  expect(ended).toMatchObject({ message: 'offline' })
})

/** A host whose guests run at once; each of them can be saved, and goes on from what was kept. */
function keepingHost(store = new MemoryKeyValueStore()) {
  /** What the boots went on from; undefined for new machines. */
  const begun: (SavedMachine | undefined)[] = []
  const scene = {
    ...{ begun, store, worked: 0, saves: 0, boots: true },
    save: (): Promise<SavedMachine> => Promise.resolve(savedMachine({ savedAt: scene.saves })),
  }
  const host = new MachineHost({
    site: () => ({ read: noNetwork, stream: noNetwork }),
    openStore: () => store,
    wasm: () => Promise.reject(new Error('not reached')),
    now: () => 0,
    openGuest: async ({ saved }) => {
      const from = await saved?.(BASE as SnapshotIndex)
      begun.push(from)
      if (from && !scene.boots) throw new EngineError('internal', 'the guest kernel panicked')
      const guest = {
        ...{ manifest: { buildId: BASE.buildId, files: [] }, memory: BASE.memory, restored: true },
        ...{ returned: [], trees: new Map(), volumes: { close: () => undefined } },
        content: {
          store: {
            leaseAll: async () => undefined,
            lease: async () => undefined,
            layers: { get: async () => ({}) },
            release: async () => undefined,
          },
        },
        machine: { worked: () => scene.worked, shutdown: async () => undefined },
        save: () => {
          scene.saves++
          return scene.save()
        },
      }
      return guest as unknown as Guest
    },
  })
  const boot = (session: 'resume' | 'fresh' = 'resume') =>
    host.boot({ baseUrl: 'http://site/', session }, () => undefined)
  return Object.assign(scene, { host, boot })
}

describe('a machine that is kept', () => {
  it('is gone on with by the next boot, unless a fresh one is wanted', async () => {
    const first = keepingHost()
    expect((await first.boot()).session).toEqual({ outcome: { state: 'none' }, returned: [], keeps: 'here' })
    expect(await first.host.save(false)).toMatchObject({ savedAt: 1 })
    const next = keepingHost(first.store)
    expect((await next.boot()).session.outcome).toEqual({ state: 'resumed', savedAt: 1 })
    const fresh = keepingHost(first.store)
    expect((await fresh.boot('fresh')).session.outcome).toEqual({ state: 'none' })
    expect([next.begun[0]?.savedAt, fresh.begun[0]]).toEqual([1, undefined])
  })

  it('gives way to a new one when it does not start, and is not tried again', async () => {
    const first = keepingHost()
    await first.boot()
    await first.host.save(false)
    const next = keepingHost(first.store)
    next.boots = false
    expect((await next.boot()).session.outcome).toMatchObject({ state: 'lost', why: 'failed' })
    expect(next.begun).toHaveLength(2)
    expect((await keepingHost(first.store).boot()).session.outcome).toEqual({ state: 'none' })
  })

  it('is saved once for all who ask at the same time', async () => {
    const scene = keepingHost()
    await scene.boot()
    const { host } = scene
    const saves = await Promise.all([host.save(false), host.save(true), host.save(false)])
    expect(new Set(saves).size).toBe(1)
    expect(scene.saves).toBe(1)
  })

  it('is not saved when it has done next to nothing since', async () => {
    const scene = keepingHost()
    await scene.boot()
    scene.worked = 10_000
    expect(await scene.host.save(true)).not.toBeNull()
    scene.worked += 100
    expect(await scene.host.save(true)).toBeNull()
    expect(await scene.host.save(false)).not.toBeNull()
  })

  it('is not kept any more once it was forgotten, or another was opened', async () => {
    const first = keepingHost()
    await first.boot()
    await first.host.save(false)
    const file = await first.host.saveToFile()
    await first.host.forget()
    await expect(first.host.save(false)).rejects.toMatchObject({ code: 'conflict' })
    const next = keepingHost(first.store)
    expect((await next.boot()).session.outcome).toEqual({ state: 'none' })
    await next.host.openFile(file)
    await expect(next.host.save(false)).rejects.toThrow('another machine was opened')
    expect((await keepingHost(first.store).boot()).session.outcome).toEqual({ state: 'resumed', savedAt: 2 })
  })

  it('goes on being kept when a file cannot be opened', async () => {
    const { host, boot } = keepingHost()
    await boot()
    await expect(host.openFile(new Blob(['x'.repeat(99)]))).rejects.toMatchObject({ code: 'corrupt' })
    expect(await host.save(false)).not.toBeNull()
  })
})

describe('a save', () => {
  it('is refused before the machine runs, and after it was shut down', async () => {
    const { host, boot } = keepingHost()
    const booting = boot()
    await expect(host.save(false)).rejects.toMatchObject({ code: 'unavailable' })
    await booting
    await host.shutdown()
    await expect(host.save(false)).rejects.toThrow('the machine is not running')
  })

  it('that is under way ends with the machine', async () => {
    const scene = keepingHost()
    await scene.boot()
    scene.save = () => new Promise(() => undefined)
    const saving = expect(scene.host.save(false)).rejects.toThrow('the machine was shut down')
    await scene.host.shutdown()
    await saving
  })

  it('is refused by a page that keeps none', async () => {
    const { host } = keepingHost()
    const { session } = await host.boot({ baseUrl: 'http://site/' }, () => undefined)
    expect(session.keeps).toBe('never')
    await expect(host.save(false)).rejects.toMatchObject({ code: 'not-supported' })
  })
})
