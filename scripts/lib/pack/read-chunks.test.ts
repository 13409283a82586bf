import { expect, test } from 'vitest'
import { CHUNK_SIZE, type TreeIndex } from '../../../web/src/trees/tree-index.ts'
import { chooseChunks } from './read-chunks.ts'

const chunk = (name: string) => ({ name, sha256: name, size: 1, rawSize: CHUNK_SIZE })
const file = (path: string, offset: number, size: number) => ({
  path,
  mode: 0o100644,
  uid: 0,
  gid: 0,
  mtime: 0,
  offset,
  size,
})

test('all is chosen but the parts of large files that nothing read', () => {
  const index = {
    format: 1,
    chunks: ['a', 'b', 'c', 'd', 'e'].map(chunk),
    entries: [
      file('usr/bin/bash', 0, CHUNK_SIZE),
      file('usr/lib/i386-linux-gnu/libnode.so.115', CHUNK_SIZE, 3.5 * CHUNK_SIZE),
      file('usr/bin/zstd', 4.5 * CHUNK_SIZE, 10),
    ],
  } as unknown as TreeIndex
  expect(chooseChunks(index, new Set(['c']))).toEqual(['a', 'c', 'e'])
})
