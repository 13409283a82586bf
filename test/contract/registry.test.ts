import 'fake-indexeddb/auto'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Digest } from '../../guest/protocol/api/content.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { BLOCK_SIZE } from '../../web/src/content/block-writer.ts'
import { ContentStore } from '../../web/src/content/content-store.ts'
import { IndexedDbStore } from '../../web/src/storage/indexed-db-store.ts'
import type { KeyValueStore } from '../../web/src/storage/key-value-store.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { createRegistry, type RegistryHandlers } from '../../web/src/registry-server/registry-handler.ts'
import type { RegistryHandler } from '../../web/src/registry-server/registry-messages.ts'
import { describeRegistry, digestOf, OWN_FEATURES, RegistryCaller, type Send } from './registry.ts'

const HOUR = 60 * 60 * 1000

function senderTo(handle: RegistryHandler): Send {
  return async (method, url, { headers = {}, body = new Uint8Array() } = {}) => {
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    const response = await handle({
      method,
      url,
      headers: Object.fromEntries(lower) as Record<string, string>,
      body: (async function* () {
        for (let start = 0; start < body.length; start += 700) yield body.subarray(start, start + 700)
      })(),
    })
    const parts: Uint8Array[] = []
    for await (const part of response.body) parts.push(part)
    const bytes = Buffer.concat(parts)
    return { status: response.status, header: (name) => response.headers[name] ?? null, bytes }
  }
}

function registryOn(store: KeyValueStore): RegistryHandlers {
  return createRegistry(store, new ContentStore(store, new BlockCache(1 << 20)))
}

const memory = registryOn(new MemoryKeyValueStore())
describeRegistry(
  'the page’s registry in memory',
  () => Promise.resolve(senderTo(memory.handle)),
  OWN_FEATURES,
)
const indexed = registryOn(new IndexedDbStore('registry'))
describeRegistry('the page’s registry', () => Promise.resolve(senderTo(indexed.handle)), OWN_FEATURES)

describe('the page’s registry over the content store', () => {
  let keyValues: MemoryKeyValueStore
  let content: ContentStore
  let send: Send
  let caller: RegistryCaller

  const open = (): void => {
    content = new ContentStore(keyValues, new BlockCache(1 << 20))
    send = senderTo(createRegistry(keyValues, content).handle)
    caller = new RegistryCaller(send)
  }
  const status = async (url: string): Promise<number> => (await send('GET', url)).status
  const later = async (milliseconds: number): Promise<Digest[]> => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds })
    try {
      return await content.collect()
    } finally {
      vi.useRealTimers()
    }
  }

  beforeEach(() => {
    keyValues = new MemoryKeyValueStore()
    open()
  })

  it('stores a layer once, in however many repositories it is', async () => {
    const bytes = randomBytes(2 * BLOCK_SIZE)
    await caller.putBlob('ann/one', bytes)
    const blocks = (await keyValues.keys('data/')).length
    await caller.putBlob('ann/two', bytes)
    expect((await keyValues.keys('data/')).length).toBe(blocks)
  })

  it('keeps everything over a reload', async () => {
    const image = await caller.putImage('ann/app', 'v1')
    open()
    const got = await send('GET', '/v2/ann/app/manifests/v1')
    expect(digestOf(got.bytes)).toBe(image.digest)
  })

  it('goes on with an upload after a reload, from the last whole block', async () => {
    const bytes = randomBytes(2 * BLOCK_SIZE + 77)
    const started = await send('POST', '/v2/ann/app/blobs/uploads/')
    const url = started.header('location')!
    await send('PATCH', url, { body: bytes.subarray(0, BLOCK_SIZE + 500) })
    open()
    const state = await send('GET', url)
    expect(state.header('range')).toBe(`0-${BLOCK_SIZE - 1}`)
    await send('PATCH', url, {
      headers: { 'Content-Range': `${BLOCK_SIZE}-${bytes.length - 1}` },
      body: bytes.subarray(BLOCK_SIZE),
    })
    expect((await send('PUT', `${url}?digest=${digestOf(bytes)}`)).status).toBe(201)
    expect((await send('GET', `/v2/ann/app/blobs/${digestOf(bytes)}`)).bytes.equals(bytes)).toBe(true)
  })

  it('collects nothing that a manifest of a repository names, tagged or not', async () => {
    const first = await caller.putImage('ann/app', 'v1', randomBytes(100))
    await caller.putImage('ann/app', 'v1', randomBytes(100))
    const blobs = await content.blobs.list()
    expect(await later(100 * HOUR)).toEqual([])
    expect(await content.blobs.list()).toEqual(blobs)
    expect(await status(`/v2/ann/app/manifests/${first.digest}`)).toBe(200)
  })

  it('collects what a deleted manifest had to itself, and leaves what another repository has', async () => {
    const shared = randomBytes(100)
    const own = await caller.putImage('ann/app', 'v1', randomBytes(100))
    const copied = await caller.putImage('ann/app', 'v2', shared)
    await caller.putImage('ann/copy', 'v2', shared)
    for (const { digest } of [own, copied]) await send('DELETE', `/v2/ann/app/manifests/${digest}`)
    const deleted = await later(2 * HOUR)
    expect(deleted).toHaveLength(2)
    expect(deleted).toContain(own.digest)
    expect(await status(`/v2/ann/copy/blobs/${digestOf(shared)}`)).toBe(200)
    expect(await status(`/v2/ann/app/blobs/${digestOf(shared)}`)).toBe(404)
  })

  it('keeps a blob whose manifest is still to come for an hour', async () => {
    const { digest } = await caller.putBlob('ann/app', randomBytes(100))
    expect(await later(HOUR - 1000)).toEqual([])
    expect(await later(HOUR + 1000)).toEqual([digest])
    expect(await status(`/v2/ann/app/blobs/${digest}`)).toBe(404)
  })

  it('keeps a half-done upload for a day, and not longer', async () => {
    const started = await send('POST', '/v2/ann/app/blobs/uploads/')
    const url = started.header('location')!
    await send('PATCH', url, { body: randomBytes(BLOCK_SIZE) })
    await later(23 * HOUR)
    expect(await status(url)).toBe(204)
    await later(25 * HOUR)
    expect(await status(url)).toBe(404)
    expect(await keyValues.keys('')).toEqual([])
  })

  it('breaks a blob off when a stored block is damaged, instead of giving wrong bytes', async () => {
    const { digest } = await caller.putBlob('ann/app', randomBytes(100))
    const [key] = await keyValues.keys('data/')
    await keyValues.setMany([[key!, new Uint8Array(100)]])
    await expect(send('GET', `/v2/ann/app/blobs/${digest}`)).rejects.toMatchObject({ code: 'corrupt' })
  })
})
