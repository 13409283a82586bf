import { describe, expect, it } from 'vitest'
import { FileTree } from './file-tree.ts'

const MTIME = 1_700_000_000

function mergedUsr(): FileTree {
  const tree = new FileTree(MTIME)
  tree.directory('usr/bin')
  tree.symlink('bin', 'usr/bin')
  return tree
}

describe('FileTree', () => {
  it('puts a path whose parent is a symbolic link where the link leads', () => {
    const tree = mergedUsr()
    tree.file('bin/sh', 'x')
    expect(tree.has('usr/bin/sh')).toBe(true)
    expect(tree.paths()).toEqual(['', 'bin', 'usr', 'usr/bin', 'usr/bin/sh'])
  })

  it('keeps a link when a package names it as a directory', () => {
    const tree = mergedUsr()
    tree.directory('bin')
    expect(tree.get('bin')?.type).toBe('symlink')
  })

  it('refuses a file in the place of a directory', () => {
    expect(() => mergedUsr().file('usr/bin', 'x')).toThrow(/usr\/bin is a directory/)
  })

  it('follows relative, absolute and chained links', () => {
    const tree = mergedUsr()
    tree.file('usr/bin/mawk', 'awk')
    tree.symlink('etc/alternatives/awk', '/usr/bin/mawk')
    tree.symlink('usr/bin/awk', '../../etc/alternatives/awk')
    expect(tree.text('bin/awk')).toBe('awk')
  })

  it('names a path that leads in circles', () => {
    const tree = new FileTree(MTIME)
    tree.symlink('a', 'b')
    tree.symlink('b', 'a')
    expect(() => tree.follow('a')).toThrow(/too many symbolic links/)
  })

  it('removes a directory with all below it, and nothing that merely begins alike', () => {
    const tree = new FileTree(MTIME)
    tree.file('usr/share/doc/x', '1')
    tree.file('usr/share/docs', '2')
    tree.remove('usr/share/doc')
    expect(tree.paths()).toEqual(['', 'usr', 'usr/share', 'usr/share/docs'])
  })

  it('counts the content of hard links once', () => {
    const tree = new FileTree(MTIME)
    tree.file('a', '12345')
    tree.set('b', tree.get('a')!)
    expect(tree.size).toBe(5)
  })
})
