/** `npm run images` against other people's registry and archives, and the site's layout that comes of it. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runImages } from '../../scripts/images.ts'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { fetchAdded } from '../../scripts/lib/images/added-image.ts'
import { parseImageList } from '../../scripts/lib/images/image-list.ts'
import { startDockerRegistry, type DockerRegistry } from '../support/docker-registry.ts'
import { Layout, type MadeImage } from '../support/make-layout.ts'
import { makeTar } from '../support/make-tar.ts'

const run = promisify(execFile)
const INDEX_NAME = 'org.opencontainers.image.ref.name'

let scratch: string
let list: string
let registry: DockerRegistry
let app: MadeImage
let foreign: MadeImage

const images = (...argv: string[]): Promise<string> => runImages(argv, list)
const listed = async () => parseImageList(await readFile(list, 'utf8'))

async function skopeo(...args: string[]): Promise<void> {
  await run('skopeo', ['--insecure-policy', 'copy', '--all', '--dest-tls-verify=false', ...args])
}

/** An OCI layout on the disk with the images `app`, for linux/386, `foreign`, and `both`, which is an index. */
async function writeLayout(): Promise<string> {
  const layout = new Layout()
  app = layout.addImage([makeTar([{ name: 'app', content: 'app' }])])
  foreign = layout.addImage([makeTar([{ name: 'foreign' }])], { architecture: 'arm64' })
  const both = layout.addIndex([
    { image: foreign, architecture: 'arm64' },
    { image: app, architecture: '386' },
  ])
  const folder = join(scratch, 'layout')
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true })
  for (const [digest, bytes] of layout.blobs)
    await writeFile(join(folder, 'blobs', digest.replace(':', '/')), bytes)
  const manifests = Object.entries({ app: app.manifest, foreign: foreign.manifest, both }).map(
    ([name, descriptor]) => ({ ...descriptor, annotations: { [INDEX_NAME]: name } }),
  )
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  return folder
}

beforeAll(async () => {
  await ensureTools('skopeo')
  scratch = await mkdtemp(join(tmpdir(), 'porthole-site-images-'))
  vi.stubEnv('XDG_CACHE_HOME', join(scratch, 'cache'))
  list = join(scratch, 'images.yaml')
  registry = await startDockerRegistry()
  const layout = await writeLayout()
  await skopeo(`oci:${layout}:both`, `docker://${registry.domain}/library/app:1`)
  await skopeo(`oci:${layout}:foreign`, `docker://${registry.domain}/ann/foreign:1`)
  await skopeo(`oci:${layout}:app`, `docker-archive:${scratch}/docker.tar:ann/app:1`)
  await skopeo(`oci:${layout}:app`, `oci-archive:${scratch}/oci.tar:app`)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await registry.close()
  await rm(scratch, { recursive: true, force: true })
})

describe('npm run images', () => {
  it('adds the image for linux/386 of an index, pinned, and byte for byte', async () => {
    expect(await images('add', 'app:1', '--from', registry.domain)).toMatch(
      /^app:1 is in images\.yaml \(1 layer, 0\.0 MB\): `npm start`/,
    )
    const [image] = await listed()
    expect(image).toEqual({ reference: 'app:1', from: registry.domain, digest: app.manifest.digest })
    const { manifest, blobs } = await fetchAdded(image!)
    const { mediaType, digest, size } = app.manifest
    expect(manifest).toEqual({ mediaType, digest, size })
    const layer = await readFile(join(blobs, app.layers[0]!.digest.slice('sha256:'.length)))
    expect(layer).toHaveLength(app.layers[0]!.size)
  })

  it('refuses an image of another architecture by name', async () => {
    await expect(images('add', 'tool:2', '--from', `${registry.domain}/ann/foreign:1`)).rejects.toThrow(
      'tool:2 has no image for linux/386, which alone runs here: it is for linux/arm64',
    )
    expect((await listed()).map(({ reference }) => reference)).not.toContain('tool:2')
  })

  it('says in the registry’s words what is not there', async () => {
    await expect(images('add', `${registry.domain}/ann/none:1`)).rejects.toThrow(
      /^\S+\/ann\/none:1 cannot be copied: .*manifest unknown/,
    )
  })

  it.each(['docker.tar', 'oci.tar'])('adds the image of %s, by its configuration’s digest', async (name) => {
    const archive = join(scratch, name)
    await images('add', `of/${name}:1`, '--from', archive)
    const image = (await listed()).find(({ from }) => from === archive)!
    const { manifest, layers } = await fetchAdded(image)
    expect(layers).toBe(1)
    expect(manifest.digest).not.toBe(image.digest)
  })

  it('lists what it added with where it came from, and removes it', async () => {
    expect(await images('list')).toMatch(
      new RegExp(`^app:1 +${registry.domain}/library/app:1 +${app.manifest.digest}$`, 'm'),
    )
    expect(await images('remove', 'app:1')).toBe('app:1 is no longer in images.yaml')
    expect((await listed()).map(({ reference }) => reference)).toEqual(['of/docker.tar:1', 'of/oci.tar:1'])
  })

  it('says how it is used', async () => {
    for (const argv of [[], ['frob'], ['add'], ['list', 'x'], ['remove', 'x', '--from', 'y'], ['add', '--x']])
      await expect(images(...argv)).rejects.toThrow('usage: npm run images -- add REFERENCE')
  })
})
