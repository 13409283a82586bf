import { expect, test } from 'vitest'
import { embeddedFetch, takeEmbeddedFiles } from './embedded-files.ts'

const BASE = 'file:///media/stick/'
const others = () => Promise.resolve(new Response('other'))

/** A document with data blocks, as far as they are looked at. */
function documentOf(blocks: Record<string, string>) {
  const left = new Set(Object.keys(blocks))
  const elements = Object.entries(blocks).map(([path, text]) => ({
    dataset: { path },
    text,
    remove: () => left.delete(path),
  }))
  return { document: { querySelectorAll: () => elements } as unknown as Document, left }
}

test('files are taken out of the document, byte by byte', async () => {
  const bytes = Uint8Array.of(0, 1, 2)
  const { document, left } = documentOf({ 'a/b': '=@\x01\x02', empty: '' })
  const files = takeEmbeddedFiles(document)
  expect(new Uint8Array(await files.get('a/b')!.arrayBuffer())).toEqual(bytes)
  expect(files.get('empty')!.size).toBe(0)
  expect([...left]).toEqual([])
})

test('a file of the page is answered from it, a missing one as a server does, another site by the network', async () => {
  const get = embeddedFetch(new Map([['lessons/list.json', new Blob(['{}'])]]), BASE, others)
  expect(await (await get(`${BASE}lessons/list.json`)).text()).toBe('{}')
  expect(await (await get('./lessons/list.json?x=1')).text()).toBe('{}')
  expect((await get('./site.json')).status).toBe(404)
  expect(await (await get('https://registry.example/v2/')).text()).toBe('other')
})
