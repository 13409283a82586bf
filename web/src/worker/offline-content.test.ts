import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { Layout, LayoutSite, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { createContent, type Content } from '../content-service/content-service.ts'
import type { Release } from '../release/release.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { KeptSite } from './kept-site.ts'
import type { OfflineSurvey } from './machine-api.ts'
import { OfflineContent } from './offline-content.ts'

const BUSYBOX = 'docker.io/library/busybox:latest'
const NGINX = 'docker.io/library/nginx:latest'
const base = makeTar([{ name: 'bin/sh', content: new Uint8Array(randomBytes(2000)) }])
const app = makeTar([{ name: 'srv/app', content: new Uint8Array(randomBytes(3000)) }])
const pace = () => Promise.resolve()
const { signal } = new AbortController()

let site: LayoutSite
let keyValues: MemoryKeyValueStore
let content: Content
let busybox: MadeImage
let offline: OfflineContent

/** A release of the layout's list of images alone. */
async function releaseOf(site: LayoutSite): Promise<Release> {
  const bytes = await site.read('images/index.json')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    format: 1,
    id: 'r',
    guest: 'g',
    shell: [],
    system: [{ path: 'images/index.json', size: bytes.length, sha256 }],
  }
}

beforeEach(async () => {
  const layout = new Layout()
  busybox = layout.addImage([base], { name: BUSYBOX })
  layout.addImage([base, app], { name: NGINX })
  site = new LayoutSite(layout)
  keyValues = new MemoryKeyValueStore()
  const kept = new KeptSite(site, keyValues, await releaseOf(site))
  content = createContent({ keyValues, files: kept, blocks: new BlockCache(1 << 22) })
  offline = new OfflineContent({ trees: new Map(), content, kept })
})

const isKept = ({ images }: OfflineSurvey, name: string) =>
  images.find(({ reference }) => reference === name)!.layers.map(({ kept }) => kept)

test('counts what is kept, and fetches what is chosen', async () => {
  const before = await offline.survey()
  expect([isKept(before, BUSYBOX), isKept(before, NGINX)]).toEqual([[false], [false, false]])
  const reports: [number, number][] = []
  await offline.prefetch([BUSYBOX], (loaded, total) => reports.push([loaded, total]), pace, signal)
  const [loaded, total] = reports.at(-1)!
  expect(loaded).toBe(total)
  const after = await offline.survey()
  expect([isKept(after, BUSYBOX), isKept(after, NGINX)]).toEqual([[true], [true, false]])
  expect(after.system.missing).toBe(0)
})

test('names a layer that is damaged, forgets it, and fetches it anew', async () => {
  await offline.prefetch([BUSYBOX], () => undefined, pace, signal)
  expect(await offline.check(() => undefined)).toEqual([])
  const [block] = (await keyValues.keys('data/layer-')).slice(0, 1)
  await keyValues.setMany([[block!, new Uint8Array(5)]])
  const { digest } = busybox.layers[0]!
  expect(await offline.check(() => undefined)).toEqual([{ file: digest, image: BUSYBOX }])
  expect(isKept(await offline.survey(), BUSYBOX)).toEqual([false])
  await offline.prefetch([BUSYBOX], () => undefined, pace, signal)
  expect(await offline.check(() => undefined)).toEqual([])
})

test('names a file of the release that is damaged, and fetches it anew', async () => {
  await offline.prefetch([], () => undefined, pace, signal)
  const [key] = await keyValues.keys('file/')
  await keyValues.setMany([[key!, new Uint8Array(5)]])
  expect(await offline.check(() => undefined)).toEqual([{ file: 'images/index.json' }])
  await offline.prefetch([], () => undefined, pace, signal)
  expect(await offline.check(() => undefined)).toEqual([])
})
