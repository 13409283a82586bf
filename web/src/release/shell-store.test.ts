import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { MemoryCaches } from '../../../test/support/memory-caches.ts'
import type { Release } from './release.ts'
import { ShellStore } from './shell-store.ts'

const BASE = 'https://lab.example/lab/'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function release(id: string, files: Record<string, string>): Release {
  const shell = Object.entries(files).map(([path, text]) => ({
    path,
    size: text.length,
    sha256: sha256(text),
  }))
  return { format: 1, id, guest: 'g', shell, system: [] }
}

/** A site that counts what is asked of it. */
function siteOf(files: Record<string, string>) {
  const asked: string[] = []
  const fetchFile = async (path: string) => {
    asked.push(path)
    return new Response(files[path], { headers: { 'content-type': 'text/x' } })
  }
  return { asked, fetchFile }
}

async function keep(store: ShellStore, id: string, files: Record<string, string>) {
  const wanted = release(id, files)
  const { asked, fetchFile } = siteOf(files)
  await store.keep(await store.missing(wanted, false), fetchFile, () => undefined)
  return { wanted, asked }
}

const text = async (store: ShellStore, path: string) => (await store.find(BASE + path))?.text()

test('serves a release once it is taken, its folder as index.html, with its types', async () => {
  const store = new ShellStore(BASE, new MemoryCaches())
  const { wanted } = await keep(store, 'one', { 'index.html': 'page', 'assets/a.js': 'a' })
  expect(await text(store, '')).toBeUndefined()
  await store.take(wanted)
  expect(await text(store, '?lesson=chroot')).toBe('page')
  expect((await store.find(`${BASE}assets/a.js`))?.headers.get('content-type')).toBe('text/x')
  expect(await text(store, 'assets/b.js')).toBeUndefined()
  expect(await store.current()).toEqual(wanted)
})

test('a newer release changes nothing before it is taken, shares files, and replaces the old one whole', async () => {
  const caches = new MemoryCaches()
  const store = new ShellStore(BASE, caches)
  await store.take(
    (await keep(store, 'one', { 'index.html': 'old', 'same.js': 'same', 'gone.js': 'x' })).wanted,
  )
  const { wanted, asked } = await keep(store, 'two', { 'index.html': 'new', 'same.js': 'same' })
  expect(asked).toEqual(['index.html'])
  expect(await text(store, '')).toBe('old')
  await store.take(wanted)
  expect([await text(store, ''), await text(store, 'same.js'), await text(store, 'gone.js')]).toEqual([
    'new',
    'same',
    undefined,
  ])
  expect(
    (await caches.only().keys()).map(({ url }) => url.replace(/\?.*/, '').slice(BASE.length)).sort(),
  ).toEqual(['index.html', 'release.json', 'same.js'])
})

test('a file that the release does not name so is refused and not kept', async () => {
  const store = new ShellStore(BASE, new MemoryCaches())
  const wanted = release('one', { 'index.html': 'page' })
  const { fetchFile } = siteOf({ 'index.html': 'page of another build' })
  await expect(store.keep(wanted.shell, fetchFile, () => undefined)).rejects.toThrow(
    'index.html is not the file that release.json names',
  )
  expect(await store.missing(wanted, false)).toEqual(wanted.shell)
})

test('a deep look finds a kept file whose bytes have changed', async () => {
  const caches = new MemoryCaches()
  const store = new ShellStore(BASE, caches)
  const { wanted } = await keep(store, 'one', { 'index.html': 'page', 'a.js': 'a' })
  const key = (await caches.only().keys()).find(({ url }) => url.includes('a.js'))!
  await caches.only().put(key.url, new Response('A'))
  expect(await store.missing(wanted, false)).toEqual([])
  expect((await store.missing(wanted, true)).map(({ path }) => path)).toEqual(['a.js'])
})

test('a host’s own file is kept as it was last, over a new release too', async () => {
  const store = new ShellStore(BASE, new MemoryCaches())
  await store.keepHostFile('site.json', new Response('{"a":1}'))
  await store.take((await keep(store, 'one', { 'index.html': 'page' })).wanted)
  expect(await text(store, 'site.json')).toBe('{"a":1}')
})
