import { randomBytes } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PushProgress } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { Layout, LayoutSite, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { serveRegistry, type Interceptor, type ServedRegistry } from '../../../test/support/serve-registry.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { createContent, type Content } from '../content-service/content-service.ts'
import { shortId } from '../storage/digest.ts'
import { parseDockerReference } from '../../../guest/vocabulary/image-reference.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { pushImage } from './pusher.ts'
import { pull } from './registry-calls.ts'

const CHUNK = 8 * 2 ** 20
const big = makeTar([{ name: 'big', content: new Uint8Array(randomBytes(2 * CHUNK + 1000)) }])
const small = makeTar([{ name: 'small', content: 'x' }])
const IMAGE = 'docker.io/library/app:latest'

describe('pushing', () => {
  const layout = new Layout()
  let content: Content
  let remote: Content
  let keyValues: MemoryKeyValueStore
  let image: MadeImage
  let served: ServedRegistry
  let intercept: Interceptor
  let progress: PushProgress[]
  let waited: number

  const fresh = (layout: Layout, store = new MemoryKeyValueStore()): Content =>
    createContent({ keyValues: store, files: new LayoutSite(layout), blocks: new BlockCache(1 << 22) })

  async function tagAs(reference: string): Promise<string> {
    await content.store.images.tag(image.config.digest, reference)
    return reference
  }

  async function push(reference: string): Promise<{ digest: string; size: number }> {
    progress = []
    const parsed = parseDockerReference(await tagAs(reference))
    return pushImage({
      content,
      reference: parsed,
      session: content.connect(parsed.domain, undefined),
      onProgress: (line) => progress.push(line),
      wait: () => Promise.resolve(void waited++),
    })
  }

  const statusesOf = (layer: number): string[] => {
    const id = shortId(image.layers[layer]!.diffId)
    return [...new Set(progress.filter((line) => line.id === id).map(({ status }) => status))]
  }

  async function failure(promise: Promise<unknown>): Promise<EngineError> {
    return promise.then(
      () => expect.fail('the push succeeded'),
      (error: EngineError) => error,
    )
  }

  beforeAll(() => {
    image = layout.addImage([small, big], { name: IMAGE })
  })

  beforeEach(async () => {
    keyValues = new MemoryKeyValueStore()
    content = fresh(layout, keyValues)
    remote = fresh(new Layout())
    intercept = () => false
    waited = 0
    served = await serveRegistry(remote.registry.handle, (request, response) => intercept(request, response))
    await pull(content, { reference: IMAGE }, () => undefined)
  })

  afterEach(() => served.close())

  it('brings layers, configuration and the very same manifest, which another machine can pull', async () => {
    const pushed = await push(`${served.domain}/ann/app:v1`)
    expect(pushed).toEqual({ digest: image.manifest.digest, size: image.manifest.size })
    const other = fresh(new Layout())
    const record = await pull(other, { reference: `${served.domain}/ann/app:v1` }, () => undefined)
    expect(record).toMatchObject({ id: image.config.digest, manifestDigest: image.manifest.digest })
    expect(statusesOf(1)).toEqual(['Preparing', 'Pushing', 'Pushed'])
    expect(progress[0]!.id).toBe(shortId(image.layers[1]!.diffId))
  })

  it('sends a large layer in chunks and a small one whole', async () => {
    await push(`${served.domain}/ann/app:v1`)
    const methods = served.seen.map((line) => line.split(' ')[0])
    expect(methods.filter((method) => method === 'PATCH')).toHaveLength(2)
    // These are two layers, the configuration and the manifest.
    expect(methods.filter((method) => method === 'PUT')).toHaveLength(4)
  })

  it('sends nothing that is there, and mounts what another repository has', async () => {
    await push(`${served.domain}/ann/app:v1`)
    const before = served.seen.length
    await push(`${served.domain}/ann/app:v2`)
    expect(statusesOf(0)).toEqual(['Preparing', 'Layer already exists'])
    await push(`${served.domain}/bob/copy:v1`)
    expect(statusesOf(1)).toEqual(['Preparing', 'Mounted from ann/app'])
    const sent = served.seen.slice(before).filter((line) => /^(PATCH|PUT)/.test(line))
    expect(sent.every((line) => line.includes('/manifests/'))).toBe(true)
  })

  it('goes on where a broken connection left off, saying how long it waits', async () => {
    let patches = 0
    intercept = (request) => {
      if (request.method !== 'PATCH' || patches++ !== 1) return false
      request.destroy()
      return true
    }
    expect((await push(`${served.domain}/ann/app:v1`)).digest).toBe(image.manifest.digest)
    expect(statusesOf(1)).toContain('Retrying in 5 seconds')
    expect(waited).toBe(5)
    expect(served.seen.filter((line) => /^PATCH .*uploads/.test(line))).toHaveLength(3)
    expect(served.seen.filter((line) => /^GET .*uploads/.test(line))).toHaveLength(1)
  })

  it('begins an upload anew when the registry has lost it', async () => {
    let broken = false
    intercept = (request, response) => {
      if (request.method === 'PATCH' && !broken) {
        broken = true
        request.destroy()
        return true
      }
      if (request.method !== 'GET' || !request.url!.includes('/uploads/')) return false
      response.writeHead(404).end()
      return true
    }
    expect((await push(`${served.domain}/ann/app:v1`)).digest).toBe(image.manifest.digest)
  })

  it('gives up after five tries, and at once when the registry refuses', async () => {
    intercept = (request, response) => {
      if (request.method !== 'PATCH') return false
      response.writeHead(502).end()
      request.resume()
      return true
    }
    expect((await failure(push(`${served.domain}/ann/app:v1`))).code).toBe('unavailable')
    expect(waited).toBe(5 + 10 + 15 + 20)
    waited = 0
    intercept = (request, response) => {
      if (request.method !== 'POST') return false
      const errors = [{ code: 'DENIED', message: 'requested access to the resource is denied' }]
      response.writeHead(403).end(JSON.stringify({ errors }))
      return true
    }
    const denied = await failure(push(`${served.domain}/ann/app:v2`))
    expect(denied.message).toBe('denied: requested access to the resource is denied')
    expect(waited).toBe(0)
  })

  it('leaves no tag behind when a layer fails', async () => {
    intercept = (request, response) => {
      if (request.method !== 'PUT' || request.url!.includes('/manifests/')) return false
      request.resume()
      response.writeHead(400).end()
      return true
    }
    await failure(push(`${served.domain}/ann/app:v1`))
    expect(await remote.store.repositories.repositories()).toEqual([])
  })

  it('names a tag that does not exist', async () => {
    const reference = parseDockerReference(`${served.domain}/ann/app:none`)
    const session = content.connect(served.domain, undefined)
    const onProgress = () => undefined
    const wait = () => Promise.resolve()
    expect((await failure(pushImage({ content, reference, session, onProgress, wait }))).message).toBe(
      `tag does not exist: ${served.domain}/ann/app:none`,
    )
  })

  describe('to the registry of this page', () => {
    it('keeps what the catalogue gave, and a pull from it touches no network', async () => {
      await push('registry.local/ann/app:v1')
      expect(statusesOf(0)).toContain('Pushed')
      await content.store.images.delete(image.config.digest)
      await content.store.collect()
      const record = await pull(content, { reference: 'registry.local/ann/app:v1' }, () => undefined)
      expect(record.manifestDigest).toBe(image.manifest.digest)
      expect(await content.store.repositories.tags('ann/app')).toEqual(['v1'])
    })

    it('stores no second copy of a layer that the store has', async () => {
      await push(`${served.domain}/ann/app:v1`)
      await content.store.images.delete(image.config.digest)
      await pull(content, { reference: `${served.domain}/ann/app:v1` }, () => undefined)
      const blocks = await keyValues.keys('data/')
      await push('registry.local/ann/app:v1')
      expect(statusesOf(1)).toEqual(['Preparing', 'Pushed'])
      await push('registry.local/bob/app:v1')
      expect(statusesOf(1)).toEqual(['Preparing', 'Mounted from ann/app'])
      expect(await keyValues.keys('data/')).toEqual(blocks)
    })
  })
})
