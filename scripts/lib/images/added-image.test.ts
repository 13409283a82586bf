/** Images of the site's own, from what was copied to what the site serves. */
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { Layout, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { createContent } from '../../../web/src/content-service/content-service.ts'
import { pull } from '../../../web/src/registry-client/registry-calls.ts'
import { BlockCache } from '../../../web/src/storage/block-cache.ts'
import { MemoryKeyValueStore } from '../../../web/src/storage/memory-key-value-store.ts'
import { siteFolder } from '../site-folder.ts'
import { type AddedContents, acceptCopy } from './added-image.ts'
import { mergeImages } from './site-images.ts'

let scratch: string
let layout: Layout

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'porthole-images-'))
  vi.stubEnv('XDG_CACHE_HOME', join(scratch, 'cache'))
  layout = new Layout()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(scratch, { recursive: true })
})

const tarOf = (name: string): Uint8Array => makeTar([{ name, content: name }])
const hexOf = (digest: string): string => digest.slice('sha256:'.length)

/** What skopeo's transport `dir` would write. */
async function copyOf(image: MadeImage, change: Partial<Record<Digest, Uint8Array>> = {}): Promise<string> {
  const copy = await mkdtemp(join(scratch, 'copy-'))
  const put = (name: string, digest: Digest) =>
    writeFile(join(copy, name), change[digest] ?? layout.blobs.get(digest)!)
  await put('manifest.json', image.manifest.digest)
  for (const { digest } of [image.config, ...image.layers]) await put(hexOf(digest), digest)
  return copy
}

async function accept(copy: string, digest: Digest, from?: string): Promise<string> {
  const target = await mkdtemp(join(scratch, 'accepted-'))
  await acceptCopy(copy, { reference: 'app:1', digest, ...(from !== undefined && { from }) }, target)
  return target
}

describe('a copied image', () => {
  test('is taken over whole, a layer that it has twice too', async () => {
    const image = layout.addImage([tarOf('a'), tarOf('b'), tarOf('a')])
    const target = await accept(await copyOf(image), image.manifest.digest)
    const contents = JSON.parse(await readFile(join(target, 'image.json'), 'utf8')) as AddedContents
    const { mediaType, digest, size } = image.manifest
    expect(contents).toMatchObject({ manifest: { mediaType, digest, size }, layers: 3 })
    expect((await readdir(join(target, 'blobs'))).sort()).toEqual([...layout.blobs.keys()].map(hexOf).sort())
  })

  test('of an archive is known by its configuration', async () => {
    const image = layout.addImage([tarOf('a')])
    await accept(await copyOf(image), image.config.digest, './app.tar')
    await expect(accept(await copyOf(image), image.manifest.digest, './app.tar')).rejects.toThrow(
      `app:1 is ${image.config.digest} in ./app.tar, and ${image.manifest.digest} in images.yaml: \`npm run images -- add app:1 --from ./app.tar\` takes the new one`,
    )
  })

  test('of another architecture is refused by name, with those that it has', async () => {
    const image = layout.addImage([tarOf('a')], { architecture: 'arm64' })
    await expect(accept(await copyOf(image), image.manifest.digest)).rejects.toMatchObject({
      code: 'not-supported',
      message: 'app:1 has no image for linux/386, which alone runs here: it is for linux/arm64',
    })
  })

  test('is refused when a blob is damaged', async () => {
    const image = layout.addImage([tarOf('a')])
    const copy = await copyOf(image, { [image.layers[0]!.digest]: tarOf('b') })
    await expect(accept(copy, image.manifest.digest)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/^app:1: blob sha256:\w+ arrived damaged/) as string,
    })
  })

  test('is refused when a layer does not unpack to what the configuration says', async () => {
    const image = layout.addImage([tarOf('a')])
    const rootfs = { type: 'layers', diff_ids: [image.manifest.digest] }
    const config = layout.addJson(image.config.mediaType, { ...image.config.document, rootfs })
    const layers = image.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }))
    const manifest = layout.addJson(image.manifest.mediaType, { schemaVersion: 2, config, layers })
    const copy = await copyOf({ ...image, manifest, config: { ...image.config, ...config } })
    await expect(accept(copy, manifest.digest)).rejects.toThrow(/app:1: layer sha256:\w+ unpacks to/)
  })
})

describe('the site', () => {
  const builtNames = ['docker.io/library/base:latest', 'docker.io/library/base:1']

  /** The bundled layout with one image, and an added one on its layer. */
  async function merged(reference: string): Promise<{ site: string; base: MadeImage; app: MadeImage }> {
    const base = layout.addImage([tarOf('base')])
    const built = join(scratch, 'built')
    await mkdir(join(built, 'blobs/sha256'), { recursive: true })
    for (const [digest, bytes] of layout.blobs)
      await writeFile(join(built, 'blobs/sha256', hexOf(digest)), bytes)
    const manifests = builtNames.map((name) => ({
      ...base.manifest,
      annotations: { 'io.containerd.image.name': name },
    }))
    await writeFile(join(built, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
    const app = layout.addImage([tarOf('base'), tarOf('app')])
    const target = await accept(await copyOf(app), app.manifest.digest)
    const contents = JSON.parse(await readFile(join(target, 'image.json'), 'utf8')) as AddedContents
    const image = { reference, digest: app.manifest.digest }
    const images = await mergeImages(built, [{ ...contents, image, blobs: join(target, 'blobs') }])
    return { site: images, base, app }
  }

  const contentOf = (images: string) => {
    const { read } = siteFolder(images)
    const files = siteFolder(images)
    return createContent({
      keyValues: new MemoryKeyValueStore(),
      blocks: new BlockCache(1 << 22),
      files: {
        read: (path) => read(path.replace(/^images\//, '')),
        stream: (path, offset) => files.stream(path.replace(/^images\//, ''), offset),
      },
    })
  }

  test.each(['app:1', 'ghcr.io/ann/app:1'])('gives %s as it gives a bundled image', async (name) => {
    const { site, base, app } = await merged(name)
    const content = contentOf(site)
    const names = (await content.catalogue.images()).map(({ reference }) => reference)
    expect(names).toEqual([...builtNames, name.includes('/') ? name : `docker.io/library/${name}`])
    const pulled = await pull(content, { reference: name }, () => undefined)
    expect(pulled).toMatchObject({ id: app.config.digest, manifestDigest: app.manifest.digest })
    expect((await pull(content, { reference: 'base' }, () => undefined)).id).toBe(base.config.digest)
    // The layer that both have is there once.
    expect(await readdir(join(site, 'blobs/sha256'))).toHaveLength(layout.blobs.size)
  })

  test('has the added image where a bundled one has its name', async () => {
    const { site, base, app } = await merged('base:latest')
    const content = contentOf(site)
    const { id } = await pull(content, { reference: 'base:latest' }, () => undefined)
    expect(id).toBe(app.config.digest)
    expect((await pull(content, { reference: 'base:1' }, () => undefined)).id).toBe(base.config.digest)
  })
})
