/** `docker manifest` all the way: the command, the engine's endpoints, the page's content store, and registries behind it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import { inProcessTransport } from '../../guest/runtime/docker/api/in-process-transport.ts'
import { Router } from '../../guest/runtime/docker/api/router.ts'
import { registryRoutes } from '../../guest/runtime/docker/api/routes/registry.ts'
import { runDocker } from '../../guest/runtime/cli/dispatch.ts'
import { noSocket } from '../../guest/runtime/testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../guest/runtime/testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../guest/runtime/testing/cli/memory-session.ts'
import { channelContentClient } from '../../guest/runtime/host/channel/content-client.ts'
import { enginePaths } from '../../guest/runtime/host/engine-paths.ts'
import { ImageService } from '../../guest/runtime/docker/image/image-service.ts'
import { RegistryService } from '../../guest/runtime/docker/image/registry-service.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { createContent, serveContent, type Content } from '../../web/src/content-service/content-service.ts'
import { parseDockerReference } from '../../guest/vocabulary/image-reference.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { pushImage } from '../../web/src/registry-client/pusher.ts'
import { pull } from '../../web/src/registry-client/registry-calls.ts'
import { byteStreamPair } from '../support/byte-stream-pair.ts'
import { startDockerRegistry, type DockerRegistry } from '../support/docker-registry.ts'
import { Layout, LayoutSite, type MadeImage } from '../support/make-layout.ts'
import { makeTar } from '../support/make-tar.ts'

const layout = new Layout()
const made = (name: string): MadeImage =>
  layout.addImage([makeTar([{ name, content: name }])], { name: `docker.io/library/${name}:latest` })
const one = made('one')
const two = made('two')

function createPage(): Content {
  const blocks = new BlockCache(1 << 22)
  return createContent({ keyValues: new MemoryKeyValueStore(), files: new LayoutSite(layout), blocks })
}

/** The page's end of the channel, as the engine has it. */
function channelTo(content: Content): Channel {
  return {
    open(request) {
      const [ours, theirs] = byteStreamPair()
      if (request.service !== 'content') throw new EngineError('invalid', 'another service')
      void serveContent(content, request.request, theirs)
      return Promise.resolve(ours)
    },
    closed: new Promise(() => undefined),
    close: () => undefined,
  }
}

function dockerOn(page: Content) {
  const content = channelContentClient(() => Promise.resolve(channelTo(page)))
  const publish = () => undefined
  const now = () => 0n
  const images = new ImageService({ content, paths: enginePaths(), publish, now, users: () => [] })
  const registry = new RegistryService({ content, images, publish })
  const router = new Router(registryRoutes(registry, images), (_, error) => expect.fail(error.message))
  const transport = inProcessTransport(router, (error) => expect.fail(String(error)))
  const files = memoryCliFiles()
  return async (...argv: string[]) => {
    const session = new MemorySession({ argv: ['manifest', ...argv] })
    const code = await runDocker(session, { transport, files, dial: noSocket, now: () => 0 })
    return { code, out: session.stdout.text, err: session.stderr.text }
  }
}

function describeLists(name: string, domainOf: () => string): void {
  describe(name, () => {
    let page: Content
    let docker: ReturnType<typeof dockerOn>
    let list: string
    let lists = 0

    async function put(image: MadeImage, source: string, target: string): Promise<string> {
      const reference = `${domainOf()}/${target}`
      await pull(page, { reference: source }, () => undefined)
      await page.store.images.tag(image.config.digest, reference)
      const parsed = parseDockerReference(reference)
      const session = page.connect(parsed.domain, undefined)
      const wait = () => Promise.resolve()
      await pushImage({ content: page, reference: parsed, session, onProgress: () => undefined, wait })
      return reference
    }

    beforeEach(async () => {
      page = createPage()
      docker = dockerOn(page)
      list = `${domainOf()}/lists/number${lists++}`
      await put(one, 'one', 'ann/one:v1')
      await put(two, 'two', 'bob/two:v1')
    })

    async function create(): Promise<[string, string]> {
      const images = [`${domainOf()}/ann/one:v1`, `${domainOf()}/bob/two:v1`] as const
      expect(await docker('create', list, ...images)).toEqual({
        code: 0,
        out: `Created manifest list ${list}:latest\n`,
        err: '',
      })
      return [...images]
    }

    it('takes a list with images of other repositories, which anyone can pull then', async () => {
      const [, second] = await create()
      expect((await docker('annotate', list, second, '--arch', 'arm', '--variant', 'v7')).code).toBe(0)
      const { code, out, err } = await docker('push', '--purge', list)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const lines = out.trimEnd().split('\n')
      expect(lines.slice(0, 2)).toEqual(
        [one, two].map(({ manifest: { digest } }) => `Pushed ref ${list}@${digest} with digest: ${digest}`),
      )
      expect(lines[2]).toMatch(/^sha256:[0-9a-f]{64}$/)
      const inspected = JSON.parse((await docker('inspect', list)).out) as { manifests: unknown }
      expect(inspected.manifests).toEqual([
        { ...one.manifest, platform: { architecture: '386', os: 'linux' } },
        { ...two.manifest, platform: { architecture: 'arm', os: 'linux', variant: 'v7' } },
      ])
      const other = domainOf() === 'registry.local' ? page : createPage()
      const record = await pull(other, { reference: list }, () => undefined)
      expect(record).toMatchObject({ id: one.config.digest, manifestDigest: one.manifest.digest })
      expect((await docker('push', list)).err).toBe(`No such manifest: ${list}:latest\n`)
    })

    it('has each image with its platform at hand, listed or not', async () => {
      const [first] = await create()
      const entry = {
        Ref: first,
        Descriptor: { ...one.manifest, platform: { architecture: '386', os: 'linux' } },
        OCIManifest: JSON.parse(Buffer.from(layout.blobs.get(one.manifest.digest)!).toString()) as unknown,
      }
      expect(JSON.parse((await docker('inspect', '-v', first)).out)).toMatchObject(entry)
      expect(JSON.parse((await docker('inspect', '-v', list, first)).out)).toMatchObject(entry)
    })

    it('refuses a list of lists, and knows nothing of what is not there', async () => {
      await create()
      await docker('push', list)
      expect((await docker('create', `${list}-of`, list)).err).toBe(`${list}:latest is a manifest list\n`)
      expect((await docker('create', `${list}-of`, `${list}-none`)).err).toBe(
        `no such manifest: ${list}-none:latest\n`,
      )
      expect((await docker('inspect', `${list}-none`)).err).toBe(`no such manifest: ${list}-none:latest\n`)
    })
  })
}

describeLists('a list in registry.local', () => 'registry.local')

describe('a registry of others', () => {
  let registry: DockerRegistry
  beforeAll(async () => {
    registry = await startDockerRegistry()
  })
  afterAll(() => registry.close())
  describeLists('a list in Debian’s docker-registry', () => registry.domain)
})
