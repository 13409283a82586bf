import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContentRequest } from '../../../guest/protocol/api/content.ts'
import { byteStreamPair } from '../../../test/support/byte-stream-pair.ts'
import { Layout, LayoutSite, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { serveRegistry, type ServedRegistry } from '../../../test/support/serve-registry.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { createContent, serveContent, type Content } from './content-service.ts'
import { MEDIA_TYPES } from '../content/manifest.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { pull, push } from '../registry-client/registry-calls.ts'

const NAME = 'docker.io/library/app:latest'
const TOKENS = /^GET \/token/

function open(layout: Layout): Content {
  const blocks = new BlockCache(1 << 22)
  return createContent({ keyValues: new MemoryKeyValueStore(), files: new LayoutSite(layout), blocks })
}

describe('a registry that has a request and says nothing', () => {
  let image: MadeImage
  let owner: Content
  let served: ServedRegistry
  let answered: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  let reference: string

  beforeEach(async () => {
    const layout = new Layout()
    const tar = makeTar([{ name: 'x', content: new Uint8Array(randomBytes(300_000)) }])
    image = layout.addImage([tar], { name: NAME })
    owner = open(layout)
    answered = undefined
    const remote = open(new Layout())
    served = await serveRegistry(remote.registry.handle, (...call) => answered?.(...call) ?? false)
    reference = `${served.domain}/ann/app:v1`
    await pull(owner, { reference: NAME }, () => undefined)
    await owner.store.images.tag(image.config.digest, reference)
  })

  afterEach(() => served.close())

  const publish = () => push(owner, { reference }, () => undefined)

  /** Resolves when a matching request has come; `hungUp` when its sender has gone. `begin` begins the answer. */
  function stall(pattern: RegExp, begin: (response: ServerResponse) => void = () => undefined) {
    let hangUp!: () => void
    const hungUp = new Promise<void>((resolve) => (hangUp = resolve))
    const stalled = new Promise<void>((resolve) => {
      answered = (request, response) => {
        if (!pattern.test(`${request.method} ${request.url}`)) return false
        // An unread body would hide the end of the connection.
        request.resume()
        response.on('close', hangUp)
        begin(response)
        resolve()
        return true
      }
    })
    return { stalled, hungUp }
  }

  /** Makes a call, and gives it up once the registry stalls. */
  async function giveUp(
    content: Content,
    request: ContentRequest,
    { stalled, hungUp }: ReturnType<typeof stall>,
  ) {
    const [ours, theirs] = byteStreamPair()
    const serving = serveContent(content, request, theirs)
    if (request.call === 'put-manifest') await ours.write(new TextEncoder().encode(JSON.stringify(INDEX)))
    await ours.end()
    await stalled
    ours.reset('the client hung up')
    await serving
    await hungUp
  }

  const INDEX = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }
  const blob = () => image.layers[0]!.digest

  it.each<[string, () => RegExp, ((response: ServerResponse) => void)?]>([
    ['the manifest', () => /^GET .*\/manifests\//],
    ['the configuration', () => new RegExp(`^GET .*/blobs/${image.config.digest}`)],
    ['a layer', () => new RegExp(`^GET .*/blobs/${blob()}`)],
    [
      'the rest of a layer',
      () => new RegExp(`^GET .*/blobs/${blob()}`),
      (response) => void response.writeHead(200).write(Buffer.alloc(1000)),
    ],
  ])('lets go of a pull that waits for %s', async (_what, pattern, begin) => {
    await publish()
    await giveUp(open(new Layout()), { call: 'pull', reference }, stall(pattern(), begin))
  })

  it('lets go of a pull that waits for another pull’s layer, which goes on', async () => {
    await publish()
    const content = open(new Layout())
    let release!: () => void
    const released = new Promise<void>((resolve) => (release = resolve))
    const { stalled } = stall(new RegExp(`^GET .*/blobs/${blob()}`), (response) => {
      void released.then(async () => {
        answered = undefined
        const bytes = await (await fetch(`http://${served.domain}/v2/ann/app/blobs/${blob()}`)).arrayBuffer()
        response.end(Buffer.from(bytes))
      })
    })
    const first = pull(content, { reference }, () => undefined)
    await stalled
    const stop = new AbortController()
    const second = pull(
      content,
      { reference },
      ({ status }) => status === 'Waiting' && stop.abort(new Error('given up')),
      stop.signal,
    )
    await expect(second).rejects.toThrow('given up')
    release()
    expect((await first).references).toEqual([reference])
  })

  it.each<[string, RegExp]>([
    ['whether a blob is there', /^HEAD .*\/blobs\//],
    ['an upload', /^POST .*\/uploads\//],
    ['the end of a blob', /^PUT .*\/uploads\//],
    ['the manifest to be taken', /^PUT .*\/manifests\//],
  ])('lets go of a push that waits for %s', async (_what, pattern) => {
    await giveUp(owner, { call: 'push', reference }, stall(pattern))
  })

  it.each<[string, () => ContentRequest, RegExp]>([
    ['login', () => ({ call: 'login', domain: served.domain, auth: {} }), /^GET \/v2\/$/],
    ['manifest', () => ({ call: 'manifest', reference }), /^GET .*\/manifests\//],
    [
      'put-manifest',
      () => ({ call: 'put-manifest', reference, mediaType: MEDIA_TYPES.ociIndex }),
      /^PUT .*\/manifests\//,
    ],
    ['mount', () => ({ call: 'mount', reference, digest: blob(), from: 'bob/app' }), /^POST .*mount=/],
  ])('lets go of %s', async (_what, request, pattern) => {
    await giveUp(open(new Layout()), request(), stall(pattern))
  })

  it('lets go of a pull that waits for a token', async () => {
    const { stalled, hungUp } = stall(TOKENS)
    const stalls = answered!
    answered = (request, response) => {
      if (stalls(request, response)) return true
      const challenge = `Bearer realm="http://${served.domain}/token",service="x"`
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end()
      return true
    }
    await giveUp(open(new Layout()), { call: 'pull', reference }, { stalled, hungUp })
  })
})
