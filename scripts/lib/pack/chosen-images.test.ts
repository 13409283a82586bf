import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { undoAfterEach } from '../../../test/support/undo-after-each.ts'
import { chooseImages } from './chosen-images.ts'
import { checkSize } from './single-file.ts'

const undo = undoAfterEach()
let site: string

const named = (digest: string, name: string) => ({
  digest: `sha256:${digest}`,
  annotations: { 'io.containerd.image.name': `docker.io/library/${name}` },
})
const manifest = (config: string, ...layers: string[]) =>
  JSON.stringify({
    config: { digest: `sha256:${config}` },
    layers: layers.map((layer) => ({ digest: `sha256:${layer}` })),
  })

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'images-'))
  undo(() => rm(site, { recursive: true }))
  await mkdir(join(site, 'images/blobs/sha256'), { recursive: true })
  const manifests = [named('b', 'busybox:latest'), named('b', 'busybox:1'), named('n', 'nginx:latest')]
  await writeFile(join(site, 'images/index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  await writeFile(join(site, 'images/blobs/sha256/b'), manifest('bc', 'base'))
  await writeFile(join(site, 'images/blobs/sha256/n'), manifest('nc', 'base', 'app'))
})

test('an image is chosen as docker run names it, with all its names and blobs', async () => {
  const { index, blobs } = await chooseImages(site, ['busybox'])
  const list = JSON.parse(index.toString()) as { schemaVersion: number; manifests: unknown[] }
  expect(list).toEqual({
    schemaVersion: 2,
    manifests: [named('b', 'busybox:latest'), named('b', 'busybox:1')],
  })
  expect(blobs).toEqual(['b', 'bc', 'base'].map((digest) => `images/blobs/sha256/${digest}`))
})

test('a layer that two images share is there once', async () => {
  const { blobs } = await chooseImages(site, ['busybox', 'nginx'])
  expect(blobs.filter((path) => path.endsWith('/base'))).toHaveLength(1)
  expect(blobs).toHaveLength(6)
})

test('an image that the site has not is named', async () => {
  await expect(chooseImages(site, ['busybox', 'redis'])).rejects.toThrow(
    '--images redis: the site has no such image',
  )
})

test('a file that is too large is refused with the sizes of its parts', () => {
  const parts = [
    { name: 'system', size: 28_000_000 },
    { name: 'images', size: 53_100_000 },
  ]
  expect(() => checkSize(80_000_000, parts)).not.toThrow()
  expect(() => checkSize(81_100_000, parts)).toThrow(
    'porthole.html would have 81.1 MB, and 80.0 MB are allowed (system 28.0 MB, images 53.1 MB)',
  )
})
