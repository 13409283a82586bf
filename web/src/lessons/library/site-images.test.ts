import { expect, test } from 'vitest'
import { siteImages } from './site-images.ts'

const answering = (status: number, body: string) => () => Promise.resolve(new Response(body, { status }))

test('the images of a site are those that its layout names', async () => {
  const manifests = [{ annotations: { 'io.containerd.image.name': 'docker.io/library/a:1' } }, {}, 3]
  const asked: string[] = []
  const get = (url: URL | RequestInfo) => {
    asked.push(String(url))
    return answering(200, JSON.stringify({ manifests }))()
  }
  expect(await siteImages('https://a.example/lab/', get)).toEqual(['docker.io/library/a:1'])
  expect(asked).toEqual(['https://a.example/lab/images/index.json'])
})

test.each([
  ['without a layout', answering(404, '')],
  ['with a layout that cannot be read', answering(200, '<html>')],
  ['that is out of reach', () => Promise.reject(new TypeError('no network'))],
])('a site %s names none', async (_what, get) => {
  expect(await siteImages('https://a.example/', get)).toEqual([])
})
