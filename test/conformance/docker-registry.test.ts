/**
 * Other people's registry and client against ours: what we push is what they have, what they push is what we pull, and
 * the contract that our registry fulfils is no other than the reference implementation's.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { createContent, type Content } from '../../web/src/content-service/content-service.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { inspectManifest, logIn, pull, push } from '../../web/src/registry-client/registry-calls.ts'
import { describeRegistry, type Send } from '../contract/registry.ts'
import { startDockerRegistry, type DockerRegistry } from '../support/docker-registry.ts'
import { Layout, LayoutSite, type MadeImage } from '../support/make-layout.ts'
import { makeTar } from '../support/make-tar.ts'
import { serveRegistry, type ServedRegistry } from '../support/serve-registry.ts'

const run = promisify(execFile)
const USER = { username: 'ann', password: 'pä:ss' }
const IMAGE = 'docker.io/library/app:latest'

let scratch: string
let registry: DockerRegistry

beforeAll(async () => {
  await ensureTools('skopeo')
  scratch = await mkdtemp(join(tmpdir(), 'porthole-skopeo-'))
  registry = await startDockerRegistry()
})

afterAll(async () => {
  await registry.close()
  await rm(scratch, { recursive: true, force: true })
})

async function skopeo(...args: string[]): Promise<string> {
  const { stdout } = await run('skopeo', ['--insecure-policy', ...args])
  return stdout
}

const copy = (from: string, to: string): Promise<string> =>
  skopeo('copy', '--all', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false', from, to)

const digestAt = async (reference: string): Promise<string> =>
  (
    JSON.parse(await skopeo('inspect', '--tls-verify=false', '--override-arch=386', reference)) as {
      Digest: string
    }
  ).Digest

const send: Send = async (method, url, { headers, body } = {}) => {
  const response = await fetch(`http://${registry.domain}${url}`, {
    method,
    headers,
    ...(body && { body: new Uint8Array(body) }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, header: (name) => response.headers.get(name), bytes }
}

describeRegistry('Debian’s docker-registry 2.8', () => Promise.resolve(send), {
  deletesTags: false,
  paginatesTags: false,
  checksNumbers: false,
  referrers: false,
  mountsWithoutSource: false,
  singlePost: false,
  checksSizes: false,
  sha512: false,
})

describe('images between our store, skopeo and docker-registry', () => {
  let layout: Layout
  let image: MadeImage
  let content: Content
  let ours: ServedRegistry

  const machine = (site: Layout): Content =>
    createContent({
      keyValues: new MemoryKeyValueStore(),
      files: new LayoutSite(site),
      blocks: new BlockCache(1 << 22),
    })
  const ignore = () => undefined

  async function pushAs(reference: string, auth?: typeof USER): ReturnType<typeof push> {
    await content.store.images.tag(image.config.digest, reference)
    return push(content, { reference, ...(auth && { auth }) }, ignore)
  }

  beforeAll(async () => {
    layout = new Layout()
    image = layout.addImage(
      [makeTar([{ name: 'etc/one', content: '1' }]), makeTar([{ name: 'etc/two', content: '2' }])],
      { name: IMAGE },
    )
    content = machine(layout)
    ours = await serveRegistry(content.registry.handle)
    await pull(content, { reference: IMAGE }, ignore)
  })

  afterAll(() => ours.close())

  it('what we push is what skopeo finds, digest for digest', async () => {
    const pushed = await pushAs(`${registry.domain}/ann/app:v1`)
    expect(pushed.digest).toBe(image.manifest.digest)
    expect(await digestAt(`docker://${registry.domain}/ann/app:v1`)).toBe(image.manifest.digest)
    const config = JSON.parse(
      await skopeo('inspect', '--tls-verify=false', '--config', `docker://${registry.domain}/ann/app:v1`),
    ) as object
    expect(config).toMatchObject(image.config.document)
  })

  it('skopeo carries an image from our registry to docker-registry and back unchanged', async () => {
    await pushAs('registry.local/ann/app:v1')
    await copy(`docker://${ours.domain}/ann/app:v1`, `docker://${registry.domain}/trip/app:v1`)
    await copy(`docker://${registry.domain}/trip/app:v1`, `docker://${ours.domain}/trip/back:v1`)
    for (const reference of [`${registry.domain}/trip/app:v1`, `${ours.domain}/trip/back:v1`])
      expect(await digestAt(`docker://${reference}`)).toBe(image.manifest.digest)
  })

  it('skopeo carries an archive in and out of our registry, and lists its tags', async () => {
    await pushAs('registry.local/ann/app:v2')
    const archive = `oci-archive:${join(scratch, 'app.tar')}:app`
    await copy(`docker://${ours.domain}/ann/app:v2`, archive)
    await copy(archive, `docker://${ours.domain}/ann/restored:v9`)
    expect(await digestAt(`docker://${ours.domain}/ann/restored:v9`)).toBe(image.manifest.digest)
    const listed = JSON.parse(
      await skopeo('list-tags', '--tls-verify=false', `docker://${ours.domain}/ann/restored`),
    ) as { Tags: string[] }
    expect(listed.Tags).toEqual(['v9'])
  })

  it('we pull what skopeo put into docker-registry, an index with linux/386 in it too', async () => {
    const foreign = layout.addImage([makeTar([{ name: 'amd64' }])], { architecture: 'amd64' })
    const index = layout.addIndex([
      { image: foreign, architecture: 'amd64' },
      { image, architecture: '386' },
    ])
    const source = await serveRegistry(machine(new Layout()).registry.handle)
    try {
      await putIndex(source.domain, layout, [foreign, image], index.digest)
      await copy(`docker://${source.domain}/multi:all`, `docker://${registry.domain}/multi:all`)
    } finally {
      await source.close()
    }
    const other = machine(new Layout())
    const reference = `${registry.domain}/multi:all`
    expect(await pull(other, { reference }, ignore)).toMatchObject({
      id: image.config.digest,
      manifestDigest: image.manifest.digest,
    })
    const { descriptor, platforms } = await inspectManifest(other, { reference })
    expect(descriptor.digest).toBe(index.digest)
    expect(platforms.map(({ architecture }) => architecture)).toEqual(['amd64', '386'])
    const byDigest = await pull(
      other,
      { reference: `${registry.domain}/multi@${image.manifest.digest}` },
      ignore,
    )
    expect(byDigest.id).toBe(image.config.digest)
  })

  it('deletes through skopeo', async () => {
    await pushAs('registry.local/ann/gone:v1')
    await skopeo('delete', '--tls-verify=false', `docker://${ours.domain}/ann/gone:v1`)
    await expect(digestAt(`docker://${ours.domain}/ann/gone:v1`)).rejects.toThrow('manifest unknown')
  })

  describe('behind a password', () => {
    let locked: DockerRegistry
    afterEach(() => locked.close())

    it('lets in who logs in, and tells the others why not', async () => {
      locked = await startDockerRegistry({ user: USER })
      const wrong = { ...USER, password: 'wrong' }
      expect(await logIn(content, { domain: locked.domain, auth: USER })).toEqual({})
      await expect(logIn(content, { domain: locked.domain, auth: wrong })).rejects.toMatchObject({
        code: 'unauthorized',
        message: `login attempt to http://${locked.domain}/v2/ failed with status: 401 Unauthorized`,
      })
      const reference = `${locked.domain}/ann/app:v1`
      await expect(pushAs(reference)).rejects.toThrow('no basic auth credentials')
      await expect(pushAs(reference, wrong)).rejects.toThrow('unauthorized: authentication required')
      expect((await pushAs(reference, USER)).digest).toBe(image.manifest.digest)
      const other = machine(new Layout())
      expect((await pull(other, { reference, auth: USER }, ignore)).id).toBe(image.config.digest)
      await expect(pull(other, { reference }, ignore)).rejects.toThrow('no basic auth credentials')
    })
  })
})

/** As any client does it, request by request. */
async function putIndex(
  domain: string,
  layout: Layout,
  images: readonly MadeImage[],
  index: string,
): Promise<void> {
  const put = async (url: string, digest: string, headers: Record<string, string> = {}) => {
    const bytes = layout.blobs.get(digest as `sha256:${string}`)!
    const target = new URL(url, `http://${domain}`)
    const response = await fetch(target, { method: 'PUT', headers, body: new Uint8Array(bytes) })
    expect(response.status).toBe(201)
  }
  const type = (digest: string) => ({
    'Content-Type': layout.mediaTypes.get(digest as `sha256:${string}`)!,
  })
  for (const { config, layers, manifest } of images) {
    for (const { digest } of [config, ...layers]) {
      const started = await fetch(`http://${domain}/v2/multi/blobs/uploads/`, { method: 'POST' })
      await put(`${started.headers.get('location')}?digest=${digest}`, digest)
    }
    await put(`/v2/multi/manifests/${manifest.digest}`, manifest.digest, type(manifest.digest))
  }
  await put('/v2/multi/manifests/all', index, type(index))
}
