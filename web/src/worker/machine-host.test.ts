import { expect, it } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import type { Content } from '../content-service/content-service.ts'
import type { ChunkedTree, PrefetchOptions } from '../trees/chunked-tree.ts'
import { openGuest, type Guest } from '../vm/guest.ts'
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
    ...{ manifest: { buildId: 'test', files: [] }, memory: 1, restored: false },
    machine: { quietFor: () => 1000, shutdown: async () => void closed.push('machine') },
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
