import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Digest, Platform, PullProgress } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { FakeRegistry, USER } from '../../../test/support/fake-registry.ts'
import { Layout, LayoutSite, sha256, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { BLOCK_SIZE } from '../content/block-writer.ts'
import { createContent, type Content } from '../content-service/content-service.ts'
import { MEDIA_TYPES } from '../content/manifest.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { parseChallenges } from './registry-auth.ts'
import { pull } from './registry-calls.ts'

const big = new Uint8Array(randomBytes(3 * BLOCK_SIZE))

describe('pulling from a registry', () => {
  let layout: Layout
  let image: MadeImage
  let registry: FakeRegistry
  let content: Content
  let progress: PullProgress[]

  const pullImage = (
    name = 'ann/app:1',
    options: { auth?: typeof USER; platform?: Platform } = {},
  ): ReturnType<typeof pull> =>
    pull(content, { reference: `${registry.domain}/${name}`, ...options }, (line) => progress.push(line))
  const failure = async (promise: Promise<unknown>): Promise<EngineError> =>
    promise.then(
      () => expect.fail('the pull succeeded'),
      (error: EngineError) => error,
    )

  beforeEach(async () => {
    layout = new Layout()
    image = layout.addImage([
      makeTar([{ name: 'big', content: big }]),
      makeTar([{ name: 'small', content: 'x' }]),
    ])
    registry = await FakeRegistry.start(layout)
    registry.tags.set('ann/app:1', image.manifest)
    const files = new LayoutSite(new Layout())
    content = createContent({ keyValues: new MemoryKeyValueStore(), files, blocks: new BlockCache(1 << 22) })
    progress = []
  })

  afterEach(() => registry.close())

  it('stores configuration, layers and reference, and reports in Docker’s words', async () => {
    const record = await pullImage()
    expect(record).toMatchObject({
      id: image.config.digest,
      manifestDigest: image.manifest.digest,
      references: [`${registry.domain}/ann/app:1`],
      config: image.config.document,
    })
    expect(record.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId))
    expect(record.layers[0]?.unpackedSize).toBe(big.length)
    const statuses = new Set(progress.map(({ status }) => status))
    for (const status of [
      'Pulling from',
      'Pulling fs layer',
      'Downloading',
      'Download complete',
      'Pull complete',
    ])
      expect(statuses).toContain(status)
    expect(await content.store.blobs.readAll(image.layers[0]!.digest)).toHaveLength(image.layers[0]!.size)
    expect(await content.store.collect()).toEqual([])
  })

  it('downloads nothing twice', async () => {
    await pullImage()
    const before = registry.seen.length
    registry.tags.set('ann/app:2', image.manifest)
    const record = await pullImage('ann/app:2')
    expect(record.references).toHaveLength(2)
    expect(registry.seen.slice(before).map(({ url }) => url)).toEqual(['/v2/ann/app/manifests/2'])
  })

  it('picks linux/386 from an index, and says so when there is none', async () => {
    const foreign = layout.addImage([makeTar([{ name: 'amd64' }])], { architecture: 'amd64' })
    const index = layout.addIndex([
      { image: foreign, architecture: 'amd64' },
      { image, architecture: '386' },
    ])
    registry.tags.set('ann/multi:latest', index)
    expect((await pullImage('ann/multi')).id).toBe(image.config.digest)
    expect((await pullImage(`ann/multi@${index.digest}`)).id).toBe(image.config.digest)
    registry.tags.set('ann/other:latest', layout.addIndex([{ image: foreign, architecture: 'amd64' }]))
    const error = await failure(pullImage('ann/other'))
    expect(error.code).toBe('not-found')
    expect(error.message).toBe('no matching manifest for linux/386 in the manifest list entries')
    expect((await pullImage('ann/multi', { platform: { os: 'linux', architecture: 'amd64' } })).id).toBe(
      foreign.config.digest,
    )
    const odd = layout.addJson(MEDIA_TYPES.ociIndex, {
      ...{ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex },
      manifests: [{ ...foreign.manifest, platform: { architecture: 5 } }],
    })
    registry.tags.set('ann/odd:latest', odd)
    expect(await failure(pullImage('ann/odd'))).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('has a broken architecture') as string,
    })
    const bare = layout.addJson(MEDIA_TYPES.ociIndex, {
      ...{ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex },
      manifests: [{ ...foreign.manifest, platform: {} }, image.manifest],
    })
    registry.tags.set('ann/bare:latest', bare)
    expect((await pullImage('ann/bare')).id).toBe(image.config.digest)
    registry.tags.set('ann/single:latest', foreign.manifest)
    expect((await pullImage('ann/single')).id).toBe(foreign.config.digest)
  })

  it('goes on with a broken download where it stopped', async () => {
    registry.faults.breakBlobAfter = 2 * BLOCK_SIZE + 1000
    expect(await failure(pullImage())).toMatchObject({ code: 'unavailable' })
    expect(await content.store.images.list()).toEqual([])
    await pullImage()
    expect(registry.seen.at(-1)?.range ?? registry.seen.map(({ range }) => range).find(Boolean)).toBe(
      `bytes=${2 * BLOCK_SIZE}-`,
    )
    expect((await content.store.images.list()).length).toBe(1)
  })

  it('copes with a server that ignores ranges', async () => {
    registry.faults.breakBlobAfter = 2 * BLOCK_SIZE
    await failure(pullImage())
    registry.faults.ignoreRange = true
    expect((await pullImage()).id).toBe(image.config.digest)
  })

  it('refuses wrong bytes by digest: manifest, configuration, layer', async () => {
    for (const { digest } of [image.manifest, image.config, image.layers[0]!]) {
      const bytes = Uint8Array.from(layout.blobs.get(digest)!)
      bytes[bytes.length - 3]! ^= 1
      registry.faults.replace = new Map<Digest, Uint8Array>([[digest, bytes]])
      const error = await failure(pullImage())
      expect(error.code).toBe('corrupt')
      expect(error.message).toContain(digest)
      expect(await content.store.images.list()).toEqual([])
    }
  })

  it('refuses a manifest that is also an index, or calls itself something else', async () => {
    const both = layout.addJson(MEDIA_TYPES.ociManifest, {
      mediaType: MEDIA_TYPES.ociManifest,
      config: image.config,
      layers: [],
      manifests: [],
    })
    registry.tags.set('ann/both:latest', both)
    expect((await failure(pullImage('ann/both'))).message).toContain('both an index and a manifest')
    registry.faults.manifestType = MEDIA_TYPES.ociIndex
    expect((await failure(pullImage())).code).toBe('corrupt')
    registry.faults.manifestType = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
    const { mediaType: _, ...unnamed } = JSON.parse(
      Buffer.from(layout.blobs.get(image.manifest.digest)!).toString(),
    ) as Record<string, unknown>
    registry.tags.set('ann/old:latest', layout.addJson('', unnamed))
    expect((await failure(pullImage('ann/old'))).code).toBe('not-supported')
  })

  it.each(['basic', 'bearer'] as const)('logs in by a %s challenge', async (auth) => {
    registry.faults.auth = auth
    expect((await pullImage('ann/app:1', { auth: USER })).id).toBe(image.config.digest)
    const denied = await failure(pullImage('ann/app:1', { auth: { username: 'ann', password: 'wrong' } }))
    expect(['unauthorized', 'not-found']).toContain(denied.code)
    expect((await failure(pullImage())).message).toMatch(/no basic auth credentials|pull access denied/)
  })

  it('follows redirects without handing the credentials to another origin', async () => {
    registry.faults.auth = 'basic'
    registry.faults.redirect = true
    await pullImage('ann/app:1', { auth: USER })
    const redirected = registry.seen.filter(({ url }) => url.startsWith('/sha256:'))
    expect(redirected.length).toBe(3)
    for (const { authorization } of redirected) expect(authorization).toBeUndefined()
  })

  it('repeats the registry’s reasons', async () => {
    expect(await failure(pullImage('ann/none'))).toMatchObject({
      code: 'not-found',
      message: `manifest for ${registry.domain}/ann/none:latest not found: manifest unknown: manifest unknown`,
    })
    registry.faults.status = 429
    expect((await failure(pullImage())).message).toBe('toomanyrequests: toomanyrequests: slow down')
  })

  it('tells a registry that forbids web pages from one that is not there', async () => {
    const closed = createContent({
      keyValues: new MemoryKeyValueStore(),
      files: new LayoutSite(new Layout()),
      blocks: new BlockCache(1 << 20),
      // A browser does this where CORS forbids a request: only opaque ones go through.
      fetch: (_input, init) =>
        init?.mode === 'no-cors'
          ? Promise.resolve(new Response())
          : Promise.reject(new TypeError('Failed to fetch')),
    })
    const cors = await failure(pull(closed, { reference: 'quay.io/a/b' }, () => undefined))
    expect(cors.code).toBe('unavailable')
    expect(cors.message).toContain('CORS')
    const gone = await failure(pull(content, { reference: '127.0.0.1:1/a/b' }, () => undefined))
    expect(gone.message).toContain("can't be reached; check the name and the network")
  })

  it('names the images of the site that may be meant in place of one that is out of reach', async () => {
    const bundled = new Layout()
    for (const name of ['python:latest', 'python:3.13', 'busybox:latest', 'busybox:1.37'])
      bundled.addImage([makeTar([{ name: name.split(':')[0]! }])], { name: `docker.io/library/${name}` })
    const closed = createContent({
      keyValues: new MemoryKeyValueStore(),
      files: new LayoutSite(bundled),
      blocks: new BlockCache(1 << 20),
      fetch: () => Promise.reject(new TypeError('Failed to fetch')),
    })
    const message = async (reference: string): Promise<string> =>
      (await failure(pull(closed, { reference }, () => undefined))).message
    expect(await message('python:3.12-slim')).toMatch(
      /^python:3\.12-slim can't be pulled: .* This site has python:latest, python:3\.13\.$/,
    )
    expect(await message('alpine')).toMatch(/ Images that need no registry: python:latest, busybox:latest\.$/)
    expect((await pull(closed, { reference: 'python:3.13' }, () => undefined)).references).toEqual([
      'docker.io/library/python:3.13',
    ])
  })

  it('fetches a layer once when two pulls want it at the same time', async () => {
    registry.tags.set('ann/app:2', image.manifest)
    await Promise.all([pullImage(), pullImage('ann/app:2')])
    const blobs = registry.seen.filter(({ url }) => url.includes(image.layers[0]!.digest))
    expect(blobs.length).toBe(1)
  })

  it('stores images whose layers come uncompressed', async () => {
    const plain = layout.addImage([makeTar([{ name: 'p', content: 'plain' }])], { gzip: false })
    registry.tags.set('ann/plain:latest', plain.manifest)
    expect((await pullImage('ann/plain')).layers[0]).toMatchObject({
      unpackedSize: 5,
      digest: sha256(layout.blobs.get(plain.layers[0]!.digest)!),
    })
  })
})

it('reads challenges with quoted commas, tokens and several schemes', () => {
  expect(
    parseChallenges(
      'Bearer realm="https://a/t?x=1",service="a, b" , scope="r:\\"x\\":pull", Basic realm=plain',
    ),
  ).toEqual([
    { scheme: 'bearer', parameters: { realm: 'https://a/t?x=1', service: 'a, b', scope: 'r:"x":pull' } },
    { scheme: 'basic', parameters: { realm: 'plain' } },
  ])
})
