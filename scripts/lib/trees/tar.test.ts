import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { FileTree } from './file-tree.ts'
import { readTar } from './read-tar.ts'
import { writeTar } from './write-tar.ts'

const MTIME = 1_700_000_000

function sample(): FileTree {
  const tree = new FileTree(MTIME)
  tree.directory('tmp', { mode: 0o1777 })
  tree.file('bin/busybox', 'program', { mode: 0o4755, uid: 1, gid: 2, mtime: MTIME - 5 })
  tree.set('bin/sh', tree.get('bin/busybox')!)
  tree.symlink('lib', 'usr/lib')
  tree.file(`deep/${'x'.repeat(90)}/${'y'.repeat(90)}`, 'long')
  tree.file('naïve', '')
  tree.set('dev/null', { type: 'character', device: [1, 3], mode: 0o666, uid: 0, gid: 0, mtime: MTIME })
  return tree
}

const entriesOf = (tree: FileTree) => tree.entries().filter(([path]) => path !== '')

describe('tar archives', () => {
  it('bring back modes, owners, times, links, devices, long and foreign names', () => {
    const original = sample()
    const copy = new FileTree(0)
    readTar(writeTar(entriesOf(original)), copy)
    expect(entriesOf(copy)).toEqual(entriesOf(original))
    expect(copy.get('bin/sh')).toBe(copy.get('bin/busybox'))
  })

  it('of equal trees are equal to the byte', () => {
    expect(writeTar(entriesOf(sample())).equals(writeTar(entriesOf(sample())))).toBe(true)
  })

  it('are refused when a hard link points nowhere', async () => {
    const archive = pack()
    archive.entry({ name: 'sh', type: 'link', linkname: 'busybox' })
    archive.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of archive) chunks.push(chunk as Buffer)
    expect(() => readTar(Buffer.concat(chunks), new FileTree(0))).toThrow(
      'sh is a hard link to busybox, which is not there',
    )
  })
})
