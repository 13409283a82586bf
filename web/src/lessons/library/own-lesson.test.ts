import { expect, test } from 'vitest'
import { LABSPACE, SCENARIO } from '../../../../test/support/foreign-lessons.ts'
import { makeZip } from '../../../../test/support/make-zip.ts'
import { lessonAddress, openAddress } from './lesson-address.ts'
import { openFiles, type BroughtFile } from './own-lesson.ts'

const BASE = 'https://school.example/porthole/'
const bytes = (text: string) => new TextEncoder().encode(text)
const brought = (path: string, content: Uint8Array): BroughtFile => ({
  path,
  file: new Blob([content as Uint8Array<ArrayBuffer>]),
})
const zipOf = (texts: Record<string, string>, top: string) =>
  makeZip(Object.entries(texts).map(([path, text]) => ({ path: `${top}/${path}`, bytes: bytes(text) })))

/** A site that has these files, and answers all else with its page, as many do. */
const siteWith = (files: Readonly<Record<string, string | Uint8Array>>) => {
  const asked: string[] = []
  const get = async (url: string | URL | Request) => {
    asked.push(String(url))
    const content = files[decodeURIComponent(new URL(String(url)).pathname)]
    return content === undefined
      ? new Response('<html>', { headers: { 'content-type': 'text/html' } })
      : new Response(content as Uint8Array<ArrayBuffer>, { headers: { 'content-type': 'text/plain' } })
  }
  return { get: get as typeof fetch, asked }
}

test('a zip and a folder give the same lesson, with its pictures', async () => {
  const zip = await openFiles([brought('jars.zip', zipOf(SCENARIO, 'jars-main'))])
  const folder = await openFiles(
    Object.entries(SCENARIO).map(([path, text]) => brought(`jars/${path}`, bytes(text))),
  )
  expect(zip.lesson).toEqual({
    ...folder.lesson,
    unsupported: folder.lesson.unsupported.map((part) => ({
      ...part,
      file: part.file.replace('jars/', 'jars-main/'),
    })),
    files: expect.anything() as unknown,
    tasks: expect.anything() as unknown,
    start: expect.anything() as unknown,
    prose: expect.anything() as unknown,
  })
  expect([zip.place, zip.title, zip.kind]).toEqual([
    undefined,
    { en: 'Two jars', 'zh-CN': 'Two jars' },
    'killercoda',
  ])
  const address = zip.address('picture-1.png')!
  expect(await (await fetch(address)).text()).toBe('png')
  expect(zip.address('picture-1.png')).toBe(address)
  expect(zip.address('picture-9.png')).toBe(undefined)
})

test('nothing, and a zip that is too large, are refused with a sentence', async () => {
  await expect(openFiles([])).rejects.toThrow('there is no file in what was chosen')
  const huge = { path: 'x.zip', file: { size: 2 ** 30, arrayBuffer: async () => new ArrayBuffer(0) } }
  await expect(openFiles([huge])).rejects.toMatchObject({ code: 'too-large' })
})

test.each([
  'https://elsewhere.example/x/',
  '//elsewhere.example/x',
  'blob:https://school.example/1',
  'data:,x',
  'javascript:1',
  'https://u:p@school.example/',
])('a lesson is never fetched from elsewhere: %s', async (text) => {
  const { get, asked } = siteWith({})
  await expect(openAddress(text, BASE, { get })).rejects.toMatchObject({ code: 'forbidden' })
  expect(asked).toEqual([])
})

test('an address of the site is a folder, or a zip', () => {
  expect(lessonAddress('./a', BASE).href).toBe(`${BASE}a/`)
  expect(lessonAddress('/b/c.zip?x#y', BASE).href).toBe('https://school.example/b/c.zip')
  expect(() => lessonAddress('x'.repeat(400), BASE)).toThrow('is no address of a lesson')
})

test('a folder at an address is read by the files that its first one names', async () => {
  const at = Object.entries(LABSPACE).map(([path, text]) => [`/porthole/${path}`, text])
  const site = siteWith(Object.fromEntries(at) as Record<string, string>)
  const own = await openAddress('./labspace', BASE, { get: site.get })
  expect([own.lesson.name, own.place]).toEqual(['own-kites', './labspace/'])
  expect(site.asked).toEqual(
    ['lesson.yaml', 'labspace.yaml', '01-paper.md', '02-string.md', 'lost.md'].map(
      (file) => `${BASE}labspace/${file}`,
    ),
  )
  expect(own.lesson.unsupported.some(({ what, reason }) => what === 'lost.md' && reason === 'missing')).toBe(
    true,
  )
})

test('a zip at an address is read, and what is not there is told', async () => {
  const site = siteWith({ '/porthole/s.zip': zipOf(SCENARIO, 's') })
  const own = await openAddress('./s.zip', BASE, { get: site.get })
  expect(own.place).toBe('./s.zip')
  // Without its type an SVG is not shown.
  const picture = await fetch(own.address('picture-1.png')!)
  expect(picture.headers.get('content-type')).toBe('image/png')
  await expect(openAddress('./t.zip', BASE, { get: site.get })).rejects.toMatchObject({ code: 'not-found' })
  await expect(openAddress('./nothing/', BASE, { get: site.get })).rejects.toThrow('this is no lesson')
})
