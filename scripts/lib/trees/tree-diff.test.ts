import { describe, expect, it } from 'vitest'
import { cloneTree } from './copy-tree.ts'
import { FileTree } from './file-tree.ts'
import { diffTrees } from './tree-diff.ts'

function base(): FileTree {
  const tree = new FileTree(1)
  tree.file('etc/a', 'a')
  tree.file('etc/b', 'b')
  tree.file('usr/share/doc/x', 'x')
  return tree
}

const changed = (edit: (tree: FileTree) => void) => {
  const above = cloneTree(base())
  edit(above)
  return diffTrees(base(), above).map(([path]) => path)
}

describe('diffTrees', () => {
  it('is empty for equal trees', () => {
    expect(changed(() => {})).toEqual([])
  })

  it('carries a new or changed file with its parents', () => {
    expect(changed((tree) => tree.file('etc/a', 'other'))).toEqual(['etc', 'etc/a'])
    expect(changed((tree) => tree.file('opt/p/q', ''))).toEqual(['opt', 'opt/p', 'opt/p/q'])
  })

  it('sees a change of mode, owner or kind', () => {
    expect(changed((tree) => tree.file('etc/a', 'a', { mode: 0o600 }))).toEqual(['etc', 'etc/a'])
    expect(changed((tree) => tree.file('etc/a', 'a', { uid: 5 }))).toEqual(['etc', 'etc/a'])
    expect(changed((tree) => tree.symlink('etc/a', 'b'))).toEqual(['etc', 'etc/a'])
  })

  it('writes one whiteout for what is gone', () => {
    expect(changed((tree) => tree.remove('etc/b'))).toEqual(['etc', 'etc/.wh.b'])
    expect(changed((tree) => tree.remove('usr/share'))).toEqual(['usr', 'usr/.wh.share'])
    expect(changed((tree) => tree.remove('usr'))).toEqual(['.wh.usr'])
  })
})
