import { describe, expect, test } from 'vitest'
import { parseImageList, siteReference, withImage, withoutImage } from './image-list.ts'

const DIGEST = `sha256:${'a'.repeat(64)}` as const
const OTHER = `sha256:${'b'.repeat(64)}` as const

describe('images.yaml', () => {
  test('is empty when there is none', () => {
    expect(parseImageList('')).toEqual([])
    expect(parseImageList('# nothing yet\n[]\n')).toEqual([])
  })

  test('gets an image, another, and loses the first', () => {
    const one = { reference: 'python:3.12', from: 'localhost:5000', digest: DIGEST }
    const two = { reference: 'ghcr.io/ann/app:1', digest: OTHER }
    const text = withImage(withImage('', one), two)
    expect(parseImageList(text)).toEqual([one, two])
    expect(text).toMatch(/^# What this site carries/)
    expect(parseImageList(withoutImage(text, 'docker.io/library/python:3.12'))).toEqual([two])
  })

  test('takes a new digest in the place of the old, and keeps what people wrote beside', () => {
    const text = `# ours\n- reference: app:1\n  digest: ${DIGEST}\n# theirs\n- reference: tool:2\n  digest: ${DIGEST}\n`
    const changed = withImage(text, { reference: 'app:1', digest: OTHER })
    expect(parseImageList(changed).map(({ digest }) => digest)).toEqual([OTHER, DIGEST])
    expect(changed).toContain('# ours')
    expect(changed).toContain('# theirs')
  })

  test('may be left without images, and filled again', () => {
    const image = { reference: 'app:1', digest: DIGEST }
    const empty = withoutImage(withImage('', image), 'app:1')
    expect(parseImageList(empty)).toEqual([])
    expect(withImage(empty, image)).toBe(withImage('', image))
  })

  test('does not lose an image that it does not have', () => {
    expect(() => withoutImage('', 'app')).toThrow('app:latest is not in images.yaml')
  })

  test.each([
    ['reference: app', 'images.yaml is not a list'],
    ['- app', 'images.yaml has no reference in entry 1'],
    ['- { reference: app }', 'images.yaml has no digest for app:latest: `npm run images -- add app:latest`'],
    [`- { reference: app, digest: sha256:12 }`, 'has no digest for app:latest'],
    [`- { reference: app, digest: "${DIGEST}", form: x }`, 'has the field "form" for app:latest'],
    [`- { reference: app, digest: "${DIGEST}", from: 5 }`, 'has a "from" for app:latest that is no text'],
    [
      `- { reference: app, digest: "${DIGEST}" }\n- { reference: app:latest, digest: "${DIGEST}" }`,
      'names app:latest twice',
    ],
    ['- [', 'images.yaml: '],
  ])('%j is refused', (text, why) => {
    expect(() => parseImageList(text)).toThrow(why)
  })
})

test.each([
  [`app@${DIGEST}`, 'has a digest: give it a tag'],
  ['registry.local/app', 'registry.local is each page’s own registry'],
  ['a_b.c/x', 'it names no registry'],
  ['App', 'must be lowercase'],
])('%s is no name for an image of the site', (name, why) => {
  expect(() => siteReference(name)).toThrow(why)
})
