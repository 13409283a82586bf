import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContentMessage, ContentRequest, Digest } from '../../../guest/protocol/api/content.ts'
import { byteStreamPair } from '../../../test/support/byte-stream-pair.ts'
import { Layout, LayoutSite, sha256, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { serveRegistry, type Interceptor, type ServedRegistry } from '../../../test/support/serve-registry.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { createContent, serveContent, type Content } from '../content-service/content-service.ts'
import { parseDockerReference } from '../../../guest/vocabulary/image-reference.ts'
import { MAX_MANIFEST_SIZE, MEDIA_TYPES, parsePlatform } from '../content/manifest.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { pushImage } from './pusher.ts'
import { pull } from './registry-calls.ts'

const bytesOf = (value: unknown): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(value)))

function open(layout: Layout): Content {
  const blocks = new BlockCache(1 << 22)
  return createContent({ keyValues: new MemoryKeyValueStore(), files: new LayoutSite(layout), blocks })
}

/** The last line that the call answers. */
async function call(
  content: Content,
  request: ContentRequest,
  upload: Uint8Array = new Uint8Array(),
): Promise<ContentMessage> {
  const [ours, theirs] = byteStreamPair()
  const served = serveContent(content, request, theirs)
  if (upload.length > 0) await ours.write(upload)
  await ours.end()
  let text = ''
  for (let chunk = await ours.read(); chunk !== null; chunk = await ours.read())
    text += Buffer.from(chunk).toString()
  await served
  return JSON.parse(text.trimEnd().split('\n').at(-1)!) as ContentMessage
}

describe('manifests from outside the store', () => {
  let content: Content
  let image: MadeImage
  let served: ServedRegistry
  let intercept: Interceptor
  let index: Uint8Array

  beforeEach(async () => {
    const layout = new Layout()
    image = layout.addImage([makeTar([{ name: 'x', content: 'x' }])], {
      name: 'docker.io/library/app:latest',
    })
    content = open(layout)
    intercept = () => false
    served = await serveRegistry(open(new Layout()).registry.handle, (...call) => intercept(...call))
    await pull(content, { reference: 'app' }, () => undefined)
    const reference = parseDockerReference(`${served.domain}/ann/app:v1`)
    await content.store.images.tag(image.config.digest, `${served.domain}/ann/app:v1`)
    const session = content.connect(served.domain, undefined)
    const wait = () => Promise.resolve()
    await pushImage({ content, reference, session, onProgress: () => undefined, wait })
    index = bytesOf({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [image.manifest] })
    served.seen.length = 0
  })

  afterEach(() => served.close())

  const put = (name: string, bytes: Uint8Array, mediaType: string = MEDIA_TYPES.ociIndex) =>
    call(content, { call: 'put-manifest', reference: `${served.domain}/${name}`, mediaType }, bytes)
  const mount = (name: string, digest: Digest, from: string) =>
    call(content, { call: 'mount', reference: `${served.domain}/${name}`, digest, from })

  it('go under their tag, or by their own digest', async () => {
    expect(await put('ann/app:all', index)).toEqual({ result: { digest: sha256(index) } })
    expect(await put(`ann/app@${image.manifest.digest}`, index)).toEqual({
      result: { digest: sha256(index) },
    })
    expect(served.seen).toEqual([
      'PUT /v2/ann/app/manifests/all',
      `PUT /v2/ann/app/manifests/${sha256(index)}`,
    ])
  })

  it('are refused in the registry’s words, and before it when they are no manifests', async () => {
    expect(await put('bob/app:all', index)).toMatchObject({
      error: { code: 'invalid', message: 'manifest blob unknown: blob unknown to registry' },
    })
    served.seen.length = 0
    expect(await put('ann/app:all', bytesOf([]))).toMatchObject({ error: { code: 'corrupt' } })
    expect(await put('ann/app:all', index, 'text/html')).toMatchObject({ error: { code: 'corrupt' } })
    expect(await put('ann/app:all', bytesOf({}), 'text/html')).toMatchObject({
      error: { code: 'not-supported' },
    })
    expect(await put('ann/app:all', new Uint8Array(MAX_MANIFEST_SIZE + 1))).toMatchObject({
      error: { code: 'too-large' },
    })
    expect(served.seen).toEqual([])
  })

  it('have their blobs mounted from another repository of the registry', async () => {
    const { digest } = image.layers[0]!
    expect(await mount('bob/app', digest, 'ann/app')).toEqual({ result: { mounted: true } })
    const query = new URLSearchParams({ mount: digest, from: 'ann/app' })
    expect(served.seen).toEqual([`POST /v2/bob/app/blobs/uploads/?${query}`])
  })

  it('give up the upload that a registry opens instead', async () => {
    expect(await mount('bob/app', image.layers[0]!.digest, 'ann/none')).toEqual({
      result: { mounted: false },
    })
    expect(served.seen[1]).toMatch(/^DELETE \/v2\/bob\/app\/blobs\/uploads\/./)
  })

  it('pass a refused mount on, and ask for none of what is no repository', async () => {
    intercept = (request, response) => {
      if (request.method !== 'POST') return false
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: 'not yours' }] }))
      return true
    }
    const { digest } = image.layers[0]!
    expect(await mount('bob/app', digest, 'ann/app')).toMatchObject({
      error: { code: 'forbidden', message: 'denied: not yours' },
    })
    served.seen.length = 0
    for (const from of ['ann/app:v1', '../app', 'Ann', ''])
      expect(await mount('bob/app', digest, from)).toMatchObject({ error: { code: 'invalid' } })
    expect(served.seen).toEqual([])
  })
})

describe('the platform of a configuration', () => {
  it('has what the configuration says, Windows’ fields too', () => {
    const platform = {
      architecture: 'amd64',
      os: 'windows',
      'os.version': '10.0.1',
      'os.features': ['win32k'],
      variant: 'v1',
    }
    expect(parsePlatform(bytesOf({ ...platform, config: {} }), 'app')).toEqual(platform)
    expect(parsePlatform(bytesOf({}), 'app')).toEqual({ architecture: '', os: '' })
  })

  it.each([{ os: 1 }, { architecture: {} }, { variant: [] }, { 'os.features': 'a' }, { 'os.features': [1] }])(
    'is refused: %j',
    (config) => {
      expect(() => parsePlatform(bytesOf(config), 'app')).toThrow('the configuration of app has')
    },
  )
})
