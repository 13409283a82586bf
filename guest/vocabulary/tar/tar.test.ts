import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../concat-bytes.ts'
import { TarFormatError } from './format-error.ts'
import { isTarHeader, splitName } from './header.ts'
import { readTar } from './read-tar.ts'
import { encodeTarEntry, packTar, type TarEntry } from './write-tar.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (...parts: Uint8Array[]): string => new TextDecoder().decode(concatBytes(parts))

async function* pieces(whole: Uint8Array, size = whole.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size)
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const collected: Uint8Array[] = []
  for await (const part of parts) collected.push(part)
  return collected
}

async function contents(archive: AsyncIterable<Uint8Array>): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const member of readTar(archive)) found[member.path] = text(...(await collect(member.content())))
  return found
}

describe('readTar', () => {
  const archive = packTar([
    { path: 'a', content: bytes('first') },
    { path: 'd/', type: 'directory' },
    { path: 'd/b', content: bytes('x'.repeat(1500)) },
    { path: 'empty' },
    { path: 'c', content: bytes('last') },
  ])

  it('gives each member its content, however the archive is cut', async () => {
    for (const size of [1, 100, 512, 700, archive.length])
      expect(await contents(pieces(archive, size))).toEqual({
        a: 'first',
        'd/': '',
        'd/b': 'x'.repeat(1500),
        empty: '',
        c: 'last',
      })
  })

  it('skips what was not read of a content, also when it was begun', async () => {
    const paths: string[] = []
    for await (const member of readTar(pieces(archive, 600))) {
      paths.push(member.path)
      if (member.path === 'd/b') for await (const _ of member.content()) break
    }
    expect(paths).toEqual(['a', 'd/', 'd/b', 'empty', 'c'])
  })

  it('reads what its sender sends after the end, and ends the source when it is left early', async () => {
    let ended = 0
    async function* source() {
      try {
        yield archive
        yield bytes('more')
      } finally {
        ended++
      }
    }
    await contents(source())
    for await (const _ of readTar(source())) break
    expect(ended).toBe(2)
  })

  it('rejects the content of a truncated archive', async () => {
    const members = readTar(pieces(archive.subarray(0, 2000)))
    const read = async () => {
      for await (const member of members) await collect(member.content())
    }
    await expect(read()).rejects.toMatchObject({ fault: 'truncated', code: 'invalid' })
  })
})

const FULL = {
  mode: 0o4755,
  uid: 1,
  gid: 2,
  mtime: 1_700_000_000,
  nanoseconds: 0,
  link: '',
  device: [0, 0] as [number, number],
  xattrs: {},
}

describe('an archive that is written', () => {
  const LONG = `${'p/'.repeat(60)}name`
  it.each<[string, TarEntry]>([
    ['a file', { ...FULL, path: 'bin/busybox', type: 'file' }],
    ['a directory', { ...FULL, path: 'tmp/', type: 'directory' }],
    ['a symbolic link', { ...FULL, path: 'l', type: 'symlink', link: 'to/where' }],
    ['a hard link', { ...FULL, path: 'l', type: 'hardlink', link: 'to/where' }],
    ['a device', { ...FULL, path: 'dev/null', type: 'character', device: [1, 3] }],
    ['a block device', { ...FULL, path: 'dev/sda', type: 'block', device: [8, 0] }],
    ['a fifo', { ...FULL, path: 'f', type: 'fifo' }],
    ['a name of 100 bytes', { ...FULL, path: 'n'.repeat(100), type: 'file' }],
    ['a name that is cut at a slash', { ...FULL, path: LONG, type: 'file' }],
    ['a directory that is cut', { ...FULL, path: `${'d'.repeat(99)}/${'e'.repeat(90)}/`, type: 'directory' }],
    ['a name too long for ustar', { ...FULL, path: `a/${'n'.repeat(200)}`, type: 'file' }],
    ['a long name without a place to cut', { ...FULL, path: `${'n'.repeat(120)}/`, type: 'directory' }],
    ['a long target', { ...FULL, path: 'l', type: 'symlink', link: 't'.repeat(300) }],
    ['a foreign name', { ...FULL, path: 'naïve', type: 'file' }],
    ['a name that is not UTF-8', { ...FULL, path: 'caf\udce9', type: 'file' }],
    ['a long name that is not UTF-8', { ...FULL, path: `caf\udce9${'n'.repeat(200)}`, type: 'file' }],
    ['large owners', { ...FULL, path: 'x', type: 'file', uid: 4_294_967_294, gid: 3_000_000_000 }],
    ['a time before 1970', { ...FULL, path: 'x', type: 'file', mtime: -86_400 }],
    ['a fraction of a second', { ...FULL, path: 'x', type: 'file', nanoseconds: 250_000_000 }],
    ['a fraction before 1970', { ...FULL, path: 'x', type: 'file', mtime: -1, nanoseconds: 500_000_000 }],
    [
      'binary attributes',
      {
        ...FULL,
        path: 'x',
        type: 'file',
        xattrs: { 'security.capability': Uint8Array.of(1, 0, 10, 61, 255) },
      },
    ],
  ])('brings back %s', async (_what, entry) => {
    const archive = packTar([entry, { path: 'next' }])
    expect(archive.length % 512).toBe(0)
    const members = []
    for await (const { content: _, offset: __, ...member } of readTar(pieces(archive))) members.push(member)
    expect(members).toMatchObject([
      { ...entry, size: 0 },
      { path: 'next', mode: 0o644, uid: 0, mtime: 0 },
    ])
  })

  it('says sizes of 8 GiB and more in a pax header', async () => {
    const size = 2 ** 33
    const members = readTar(pieces(encodeTarEntry({ path: 'big', size })))
    expect((await members.next()).value).toMatchObject({ path: 'big', size })
  })

  it('is read by a library of other people', async () => {
    const archive = packTar([
      { path: LONG, content: bytes('content'), mode: 0o600, uid: 5 },
      { path: `a/${'n'.repeat(200)}`, type: 'symlink', link: 't'.repeat(150) },
      { path: 'naïve', xattrs: { 'user.k': bytes('v') } },
    ])
    const seen: [Partial<Header>, string][] = []
    for await (const entry of Readable.from([archive]).pipe(extract()))
      seen.push([entry.header, (await buffer(entry)).toString()])
    expect(seen).toMatchObject([
      [{ name: LONG, mode: 0o600, uid: 5, type: 'file' }, 'content'],
      [{ name: `a/${'n'.repeat(200)}`, type: 'symlink', linkname: 't'.repeat(150) }, ''],
      [{ name: 'naïve', pax: { 'SCHILY.xattr.user.k': 'v' } }, ''],
    ])
  })

  it('cannot have a device that no header holds', () => {
    expect(() => packTar([{ path: 'd', type: 'block', device: [8 ** 7, 0] }])).toThrow(TarFormatError)
  })
})

describe('tar headers', () => {
  it('are told from other bytes by their checksum', () => {
    const archive = packTar([{ path: 'a' }])
    expect([
      isTarHeader(archive),
      isTarHeader(archive.subarray(0, 511)),
      isTarHeader(bytes('{'.repeat(512))),
    ]).toEqual([true, false, false])
    expect(isTarHeader(new Uint8Array(512))).toBe(false)
  })

  it.each<[number, number, boolean]>([
    [155, 100, true],
    [156, 100, false],
    [155, 101, false],
    [1, 100, true],
  ])('hold a name of %d bytes, a slash and %d bytes: %s', (prefix, name, fits) => {
    const path = bytes(`${'p'.repeat(prefix)}/${'n'.repeat(name)}`)
    expect(splitName(path) !== undefined).toBe(fits)
  })
})
