import { expect, test } from 'vitest'
import { parseSiteConfig } from './site-config.ts'

test('a site may have no origin for previews', () => {
  expect(parseSiteConfig({})).toBeUndefined()
})

test('both addresses end with a slash', () => {
  expect(parseSiteConfig({ page: 'https://a.example/lab', preview: 'https://b.example' })).toEqual({
    page: 'https://a.example/lab/',
    preview: 'https://b.example/',
  })
})

test.each([
  [null, /not a JSON object/],
  [[], /not a JSON object/],
  [{ preview: 'https://b.example/' }, /"page" must be/],
  [{ page: 'https://a.example/', preview: 7 }, /"preview" must be/],
  [{ page: 'https://a.example/', preview: 'javascript:alert(1)' }, /"preview" must be/],
  [{ page: 'https://a.example/', preview: 'https://a.example/p/' }, /another origin/],
])('%j is refused', (value, why) => {
  expect(() => parseSiteConfig(value)).toThrow(why)
})
