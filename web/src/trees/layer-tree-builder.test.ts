import { describe, expect, it } from 'vitest'
import { makeTar, type TarPart } from '../../../test/support/make-tar.ts'
import { LayerTreeBuilder, MAX_FILE_SIZE } from './layer-tree-builder.ts'
import { TarDecoder } from '../../../guest/vocabulary/tar/decoder.ts'
import type { TreeEntry } from './tree-index.ts'

function add(parts: readonly TarPart[], builder: LayerTreeBuilder): void {
  const decoder = new TarDecoder()
  for (const event of decoder.push(makeTar(parts))) if (event.kind === 'member') builder.add(event.member)
  decoder.finish()
}

function build(parts: readonly TarPart[]): Map<string, TreeEntry> {
  const builder = new LayerTreeBuilder()
  add(parts, builder)
  return new Map(builder.build().entries.map((entry) => [entry.path, entry]))
}

const directory = (name: string, mode = 0o755): TarPart => ({ name, type: '5', mode })
const isWhiteout = (entry: TreeEntry | undefined): boolean =>
  entry?.mode === 0o20000 && entry.device?.[0] === 0 && entry.device[1] === 0
const isOpaque = (entry: TreeEntry | undefined): boolean =>
  entry?.xattrs?.['trusted.overlay.opaque'] === btoa('y')

describe('the layer tree builder', () => {
  it('makes missing parents as root’s directories with mode 0755', () => {
    const tree = build([{ name: 'a/b/c' }])
    expect(tree.get('a/b')).toMatchObject({ mode: 0o40755, uid: 0, gid: 0 })
    expect([...tree.keys()]).toEqual(['', 'a', 'a/b', 'a/b/c'])
  })

  it('takes the root’s attributes from ./', () => {
    expect(build([{ ...directory('./', 0o700), uid: 5 }]).get('')).toMatchObject({ mode: 0o40700, uid: 5 })
  })

  it('lets the last of several entries win, keeping the children of a repeated directory', () => {
    const tree = build([
      directory('d', 0o700),
      { name: 'd/kept' },
      directory('d', 0o755),
      { name: 'f', mode: 0o600, content: 'old' },
      { name: 'f', mode: 0o644, content: 'newer' },
    ])
    expect(tree.get('d')?.mode).toBe(0o40755)
    expect(tree.has('d/kept')).toBe(true)
    expect(tree.get('f')).toMatchObject({ mode: 0o100644, size: 5 })
  })

  it('lets a file replace a directory with all in it, and a directory a file', () => {
    const tree = build([{ name: 'd/x' }, { name: 'd', content: 'file' }, { name: 'e' }, { name: 'e/y' }])
    expect(tree.get('d')?.size).toBe(4)
    expect(tree.has('d/x')).toBe(false)
    expect(tree.get('e')?.mode).toBe(0o40755)
  })

  it('starts absolute names at the layer’s root and refuses to leave it', () => {
    expect(build([{ name: '/etc/passwd' }]).has('etc/passwd')).toBe(true)
    expect(build([{ name: 'a/../b' }]).has('b')).toBe(true)
    for (const name of ['../x', 'a/../../x', '/../x'])
      expect(() => build([{ name }])).toThrow('points out of the layer')
  })

  it('follows a symbolic link in the way, inside the layer only', () => {
    const tree = build([
      { name: 'link', type: '2', link: '../../../real' },
      { name: 'abs', type: '2', link: '/real' },
      { name: 'link/one' },
      { name: 'abs/two' },
    ])
    expect(tree.get('real/one')?.mode).toBe(0o100644)
    expect(tree.get('real/two')?.mode).toBe(0o100644)
    expect(tree.get('link')?.target).toBe('../../../real')
  })

  it('replaces a link that is itself named, rather than writing through it', () => {
    const tree = build([
      { name: 'real' },
      { name: 'l', type: '2', link: 'real' },
      { name: 'l', content: 'own' },
    ])
    expect(tree.get('l')?.size).toBe(3)
    expect(tree.get('real')?.size).toBe(0)
  })

  it('refuses a loop of links', () => {
    const parts = [{ name: 'a', type: '2', link: 'b' }, { name: 'b', type: '2', link: 'a' }, { name: 'a/x' }]
    expect(() => build(parts)).toThrow('loop of symbolic links')
  })

  it('shares one node among hard links, across directories and to links', () => {
    const tree = build([
      { name: 'a/one', content: 'same', mode: 0o4755 },
      { name: 'b/two', type: '1', link: 'a/one' },
      { name: 's', type: '2', link: 'x' },
      { name: 't', type: '1', link: '/s' },
    ])
    expect(tree.get('b/two')?.hardlink).toBe('a/one')
    expect(tree.get('t')?.hardlink).toBe('s')
  })

  it('keeps a hard link’s content when its first name is replaced', () => {
    const tree = build([
      { name: 'a', content: 'old' },
      { name: 'b', type: '1', link: 'a' },
      { name: 'a', content: 'longer' },
    ])
    expect(tree.get('a')?.size).toBe(6)
    expect(tree.get('b')).toMatchObject({ size: 3 })
    expect(tree.get('b')?.hardlink).toBeUndefined()
  })

  it.each([
    ['missing', 'nowhere'],
    ['outside', '../../etc/shadow'],
  ])('refuses a hard link to something %s', (_what, link) => {
    expect(() => build([{ name: 'a', type: '1', link }])).toThrow()
  })

  it('refuses a hard link to a directory', () => {
    expect(() => build([directory('d'), { name: 'a', type: '1', link: 'd' }])).toThrow(
      'hard link to a directory',
    )
  })

  it('turns whiteouts into character devices 0:0 and opaque markers into the attribute', () => {
    const tree = build([
      { name: 'd/.wh.gone' },
      directory('o'),
      { name: 'o/.wh..wh..opq' },
      { name: 'o/new' },
    ])
    expect(isWhiteout(tree.get('d/gone'))).toBe(true)
    expect(tree.has('d/.wh.gone')).toBe(false)
    expect(isOpaque(tree.get('o'))).toBe(true)
    expect(isOpaque(tree.get('d'))).toBe(false)
    expect(tree.has('o/.wh..wh..opq')).toBe(false)
  })

  it('makes a directory that is removed and made anew opaque; a file simply stays', () => {
    const tree = build([{ name: '.wh.d' }, { name: 'd/x' }, { name: 'f', content: 'new' }, { name: '.wh.f' }])
    expect(isOpaque(tree.get('d'))).toBe(true)
    expect(tree.get('f')?.size).toBe(3)
  })

  it('puts a whiteout reached through a link where the link points', () => {
    const tree = build([{ name: 'l', type: '2', link: '/real' }, { name: 'l/.wh.gone' }])
    expect(isWhiteout(tree.get('real/gone'))).toBe(true)
  })

  it('refuses whiteouts of nothing and ignores AUFS’s bookkeeping', () => {
    for (const name of ['.wh.', '.wh..', '.wh...'])
      expect(() => build([{ name }])).toThrow('removes no possible name')
    expect([...build([directory('.wh..wh.plnk'), { name: '.wh..wh.aufs' }]).keys()]).toEqual([''])
  })

  it('drops overlay’s own attributes and keeps all others', () => {
    const pax = {
      'SCHILY.xattr.trusted.overlay.redirect': '/etc',
      'SCHILY.xattr.user.overlay.opaque': 'y',
      'SCHILY.xattr.security.capability': Uint8Array.from([1, 0xff]),
    }
    expect(Object.keys(build([{ name: 'a', pax }]).get('a')!.xattrs!)).toEqual(['security.capability'])
  })

  it('keeps device nodes, fifos and set-uid bits', () => {
    const tree = build([
      { name: 'null', type: '3', device: [1, 3], mode: 0o666 },
      { name: 'sda', type: '4', device: [8, 0] },
      { name: 'pipe', type: '6' },
      { name: 'su', mode: 0o6755 },
    ])
    expect(tree.get('null')).toMatchObject({ mode: 0o20666, device: [1, 3] })
    expect(tree.get('sda')).toMatchObject({ mode: 0o60644, device: [8, 0] })
    expect(tree.get('pipe')?.mode).toBe(0o10644)
    expect(tree.get('su')?.mode).toBe(0o106755)
  })

  it('refuses files over 2 GiB, long names and names with NUL', () => {
    expect(() => build([{ name: 'a', size: MAX_FILE_SIZE + 1 }])).toThrow('over 2 GiB')
    expect(() => build([{ name: 'a', pax: { path: 'n'.repeat(256) } }])).toThrow('too long')
    expect(() => build([{ name: 'a', pax: { path: 'n/'.repeat(2100) } }])).toThrow('too long')
    expect(() => build([{ name: 'a', pax: { path: 'n\0m' } }])).toThrow('NUL')
  })
})
