import { expect, test } from 'vitest'
import { parseTreeEntries, parseTreeIndex } from './tree-index.ts'

const ENTRY = { path: 'etc', mode: 0o40755, uid: 0, gid: 0, mtime: 1 }
const CHUNK = { name: 'a.gz', sha256: '00', size: 1, rawSize: 2 }

test('an index is read with all that its entries have', () => {
  const index = { format: 1, chunks: [CHUNK], entries: [{ ...ENTRY, xattrs: { 'user.a': 'YQ==' } }] }
  expect(parseTreeIndex(JSON.stringify(index), 'an index')).toEqual(index)
  expect(parseTreeEntries(JSON.stringify(index.entries), 'a layer')).toEqual(index.entries)
})

test.each([
  ['oops', 'an index is not JSON: oops'],
  ['[]', 'an index is not a JSON object: []'],
  [JSON.stringify({ format: 2, chunks: [], entries: [] }), 'an index is not an index of this version'],
  [JSON.stringify({ format: 1, chunks: [{}], entries: [] }), 'an index is not an index of this version'],
  [JSON.stringify({ format: 1, chunks: [], entries: [{ path: 'x' }] }), 'an index is not a list of files'],
])('%s is refused', (text, message) => {
  expect(() => parseTreeIndex(text, 'an index')).toThrow(message)
})
