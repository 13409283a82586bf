import { expect, test } from 'vitest'
import { parseRelease } from './release.ts'

const FILE = { path: 'assets/a.js', size: 1, sha256: '0'.repeat(64) }
const RELEASE = { format: 1, id: 'a', guest: 'b', shell: [FILE], system: [] }
const parse = (value: unknown) => parseRelease(new TextEncoder().encode(JSON.stringify(value)))

test('a release is read as it was written', () => {
  expect(parse(RELEASE)).toEqual(RELEASE)
})

test.each(['/etc/passwd', '../x', 'a/../b', 'a//b', 'a?b', '', './a', 'a\\b'])(
  'a path that may lead out of the site is refused: %s',
  (path) => {
    expect(() => parse({ ...RELEASE, shell: [{ ...FILE, path }] })).toThrow('is not a list of this version')
  },
)

test.each([
  { ...RELEASE, format: 2 },
  { ...RELEASE, id: 1 },
  { ...RELEASE, system: [{ ...FILE, sha256: 'abc' }] },
  { ...RELEASE, system: undefined },
  'text',
])('what is no release is refused: %j', (value) => {
  expect(() => parse(value)).toThrow('release.json')
})
