import { expect, test } from 'vitest'
import { chosenLessons, siteLessons } from './lesson-site.ts'

const PROSE = '# A lesson\n\nWords.\n\n## One {#one}\n\n::task{id=make} Make it.\n'
const FILES: Record<string, string> = {
  'list.json': JSON.stringify({ format: 1, lessons: [] }),
  'good/lesson.yaml': 'format: 1\nminutes: 1\ntasks:\n  - {id: make, check: {file: /x}, solve: touch /x}\n',
  'good/en.md': PROSE,
  'good/zh-CN.md': PROSE,
  'bad/lesson.yaml': 'format: 2\n',
  'bad/en.md': PROSE,
  'bad/zh-CN.md': PROSE,
  'long/lesson.yaml': '#'.repeat(2 << 20),
  'long/en.md': PROSE,
  'long/zh-CN.md': PROSE,
}

const site = siteLessons('https://example.org/lab/lessons/', (url) => {
  const text = FILES[String(url).replace('https://example.org/lab/lessons/', '')]
  return Promise.resolve(text === undefined ? new Response('', { status: 404 }) : new Response(text))
})

test('the list and a lesson come from the folder of the site', async () => {
  expect(await site.list()).toEqual([])
  expect(await site.lesson('good')).toMatchObject({ name: 'good', minutes: 1, tasks: [{ id: 'make' }] })
  expect(site.address('good', 'a.svg')).toBe('https://example.org/lab/lessons/good/a.svg')
})

test('a class may get some lessons, in an order of its own', async () => {
  const summary = (name: string) => ({ name, title: { en: name, 'zh-CN': name }, minutes: 1, tasks: [] })
  const all = { ...site, list: () => Promise.resolve(['a', 'b', 'c'].map(summary)) }
  expect((await chosenLessons(all, ['c', 'x', 'a']).list()).map(({ name }) => name)).toEqual(['c', 'a'])
})

test('what is no lesson is refused with its fault', async () => {
  await expect(site.lesson('bad')).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringMatching(/^the lesson “bad”: lesson\.yaml:1: format/) as string,
  })
  await expect(site.lesson('none')).rejects.toMatchObject({ code: 'not-found' })
  await expect(site.lesson('long')).rejects.toMatchObject({ code: 'too-large' })
})

test.each(['../good', '//example.net/x', 'https://example.net/x', '', 'a/b', 'A'])(
  '“%s” is no name, and nothing is fetched',
  async (name) => {
    const asked: string[] = []
    const get = (url: RequestInfo | URL) => Promise.resolve(new Response(String(asked.push(String(url)))))
    await expect(siteLessons('https://example.org/', get).lesson(name)).rejects.toMatchObject({
      code: 'invalid',
    })
    expect(asked).toEqual([])
  },
)

test.each([
  [() => Promise.reject(new TypeError('failed to fetch')), 'unavailable'],
  [() => Promise.resolve(new Response('', { status: 503 })), 'unavailable'],
  [() => Promise.resolve(new Response('<html>')), 'corrupt'],
])('a site that cannot be read says so (%#)', async (get, code) => {
  await expect(siteLessons('https://example.org/', get).list()).rejects.toMatchObject({ code })
})
