import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { wholeFiles } from '../catalogue/catalogue.ts'
import type { Release } from '../release/release.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { KeptSite, openKeptSite } from './kept-site.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const unreachable = (path: string) => new EngineError('unavailable', `${path} could not be downloaded`)

function releaseOf(files: Record<string, string>): Release {
  const system = Object.entries(files).map(([path, text]) => ({
    path,
    size: text.length,
    sha256: sha256(text),
  }))
  return { format: 1, id: 'r', guest: 'g', shell: [], system }
}

/** A site whose files can be changed, and that is cut off by setting `files` to undefined. */
function network(files: Record<string, string> | undefined) {
  const state = { files, asked: [] as string[] }
  const site = wholeFiles(async (path) => {
    state.asked.push(path)
    const text = state.files?.[path]
    if (text === undefined) throw unreachable(path)
    return bytesOf(text)
  })
  return { state, site }
}
const read = async (site: KeptSite, path: string) => new TextDecoder().decode(await site.read(path))

test('a file is read from the network once, and then without one', async () => {
  const { state, site } = network({ 'guest/manifest.json': 'm', other: 'o' })
  const kept = new KeptSite(site, new MemoryKeyValueStore(), releaseOf({ 'guest/manifest.json': 'm' }))
  expect(await read(kept, 'guest/manifest.json')).toBe('m')
  expect(await read(kept, 'other')).toBe('o')
  state.files = undefined
  expect(await read(kept, 'guest/manifest.json')).toBe('m')
  await expect(kept.read('other')).rejects.toThrow('other could not be downloaded')
})

test('a damaged copy is named without a network, and fetched anew with one', async () => {
  const files = { 'guest/state/256/state.zst.00': 'state' }
  const { state, site } = network(files)
  const store = new MemoryKeyValueStore()
  const kept = new KeptSite(site, store, releaseOf(files))
  const [file] = kept.files
  await kept.read(file!.path)
  await store.setMany([[`file/${file!.sha256}`, bytesOf('stat3')]])
  expect([await kept.has(file!, false), await kept.has(file!, true)]).toEqual([true, false])
  state.files = undefined
  await expect(kept.read(file!.path)).rejects.toThrow(
    'guest/state/256/state.zst.00 is damaged in the browser’s storage',
  )
  state.files = files
  expect(await read(kept, file!.path)).toBe('state')
  expect(await kept.has(file!, true)).toBe(true)
})

test('a site that has another build by now gives none of its files', async () => {
  const { site } = network({ 'images/index.json': 'newer' })
  const kept = new KeptSite(site, new MemoryKeyValueStore(), releaseOf({ 'images/index.json': 'older' }))
  await expect(kept.read('images/index.json')).rejects.toMatchObject({
    code: 'corrupt',
    details: { file: 'images/index.json' },
  })
})

test('where there is no room a file is read all the same, and a download says so', async () => {
  const files = { 'guest/manifest.json': 'a manifest' }
  const kept = new KeptSite(network(files).site, new MemoryKeyValueStore(4), releaseOf(files))
  expect(await read(kept, 'guest/manifest.json')).toBe('a manifest')
  await expect(kept.keep(kept.files[0]!)).rejects.toMatchObject({ code: 'exhausted' })
})

test('pruning drops what this release does not name', async () => {
  const store = new MemoryKeyValueStore()
  const { site } = network({ a: 'old', b: 'b' })
  const older = new KeptSite(site, store, releaseOf({ a: 'old', b: 'b' }))
  for (const { path } of older.files) await older.read(path)
  await new KeptSite(site, store, releaseOf({ b: 'b' })).prune()
  expect(await store.keys('')).toEqual([`file/${sha256('b')}`])
})

test('a site without a release, or without a network, keeps nothing; one with a broken release says so', async () => {
  const open = (text: string | undefined) =>
    openKeptSite(
      network(text === undefined ? undefined : { 'release.json': text }).site,
      new MemoryKeyValueStore(),
      new AbortController().signal,
    )
  expect(await open(undefined)).toBeUndefined()
  expect((await open(JSON.stringify(releaseOf({ a: 'a' }))))?.files).toHaveLength(1)
  await expect(open('<html>')).rejects.toThrow('release.json')
})
