import { describe, expect, it } from 'vitest'
import { makeTar, paxRecords, type TarPart } from '../../../test/support/make-tar.ts'
import { TarDecoder, type PlacedTarMember } from './decoder.ts'
import { TarFormatError, type TarFault } from './format-error.ts'

type Read = PlacedTarMember & { content: string }

function readPieces(pieces: readonly Uint8Array[]): Read[] {
  const members: Read[] = []
  const decoder = new TarDecoder()
  for (const piece of pieces)
    for (const event of decoder.push(piece))
      if (event.kind === 'member') members.push({ ...event.member, content: '' })
      else members.at(-1)!.content += Buffer.from(event.bytes).toString('latin1')
  decoder.finish()
  return members
}

function read(bytes: Uint8Array, step = bytes.length): Read[] {
  const pieces: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += step) pieces.push(bytes.subarray(start, start + step))
  return readPieces(pieces)
}

const one = (part: TarPart): Read => read(makeTar([part]))[0]!

describe('the tar decoder', () => {
  it('gives the same members however the bytes are cut', () => {
    const tar = makeTar([
      { name: 'a', content: 'x'.repeat(700) },
      { name: 'long', pax: { path: 'p/'.repeat(200) + 'q', 'SCHILY.xattr.user.k': 'v' }, content: 'y' },
      { name: 'l', type: '2', link: 'a' },
    ])
    const whole = read(tar)
    expect(whole.map(({ path }) => path)).toEqual(['a', 'p/'.repeat(200) + 'q', 'l'])
    expect(whole.map(({ content }) => content)).toEqual(['x'.repeat(700), 'y', ''])
    for (const step of [1, 7, 511, 512, 513, 1024]) expect(read(tar, step)).toEqual(whole)
    const wanted = JSON.stringify(whole)
    for (let at = 0; at <= tar.length; at++)
      expect(JSON.stringify(readPieces([tar.subarray(0, at), tar.subarray(at)]))).toBe(wanted)
  })

  it('tells where each content starts', () => {
    const tar = makeTar([
      { name: 'a', content: 'first' },
      { name: 'b', pax: { comment: 'x' }, content: 'second' },
    ])
    const contents = read(tar).map(({ offset, size }) =>
      Buffer.from(tar.subarray(offset, offset + size)).toString(),
    )
    expect(contents).toEqual(['first', 'second'])
  })

  it('joins the ustar prefix, but not what GNU keeps there', () => {
    expect(one({ name: 'b', prefix: 'a' }).path).toBe('a/b')
    expect(one({ name: 'b', prefix: 'a', format: 'gnu' }).path).toBe('b')
    expect(one({ name: 'b', prefix: 'a', format: 'v7' }).path).toBe('b')
  })

  it('reads GNU long names and long link targets', () => {
    const name = 'n'.repeat(300)
    const target = 't'.repeat(301)
    const [member] = read(
      makeTar([
        { name: '././@LongLink', type: 'L', content: `${name}\0`, format: 'gnu' },
        { name: '././@LongLink', type: 'K', content: `${target}\0`, format: 'gnu' },
        { name: 'short', type: '2', link: 'short', format: 'gnu' },
      ]),
    )
    expect(member).toMatchObject({ path: name, link: target, type: 'symlink' })
  })

  it('reads base-256 numbers, negative times included', () => {
    const member = one({ name: 'a', uid: 3_000_000_000, mtime: -86_400, base256: true })
    expect(member).toMatchObject({ uid: 3_000_000_000, mtime: -86_400 })
  })

  it('lets PAX records override path, link, size, owner, time and attributes, for one member only', () => {
    const binary = Uint8Array.from([1, 0, 0xff, 10, 0x3d, 0x80])
    const [first, second] = read(
      makeTar([
        {
          name: 'x',
          pax: {
            path: 'ü',
            size: '3',
            uid: '70000',
            gid: '70001',
            mtime: '12.25',
            'SCHILY.xattr.user.b': binary,
          },
          content: 'abc',
        },
        { name: 'y', mtime: 5 },
      ]),
    )
    expect(first).toMatchObject({
      path: 'ü',
      size: 3,
      uid: 70000,
      gid: 70001,
      mtime: 12,
      nanoseconds: 250_000_000,
    })
    expect(first!.xattrs).toEqual({ 'user.b': binary })
    expect(second).toMatchObject({ path: 'y', uid: 0, mtime: 5, nanoseconds: 0, xattrs: {} })
  })

  it('counts a negative fraction down from its second', () => {
    expect(one({ name: 'x', pax: { mtime: '-1.25' } })).toMatchObject({ mtime: -2, nanoseconds: 750_000_000 })
  })

  it('ignores global headers, as Go does', () => {
    const members = read(
      makeTar([{ name: 'g', type: 'g', content: paxRecords({ comment: 'c' }) }, { name: 'a' }]),
    )
    expect(members.map(({ path }) => path)).toEqual(['a'])
  })

  it('accepts a missing end marker, even missing padding, and anything after the end', () => {
    expect(read(makeTar([{ name: 'a' }], false))).toHaveLength(1)
    expect(read(makeTar([{ name: 'a', content: 'unpadded' }], false).subarray(0, 520))).toHaveLength(1)
    expect(
      read(new Uint8Array(Buffer.concat([makeTar([{ name: 'a' }]), Buffer.from('rubbish')]))),
    ).toHaveLength(1)
  })

  it('keeps names that are not UTF-8, and attributes of any name', () => {
    expect(one({ name: 'caf\xe9' }).path).toBe('caf\udce9')
    const { xattrs } = one({ name: 'x', pax: { 'SCHILY.xattr.__proto__': 'v' } })
    expect(Object.entries(xattrs)).toEqual([
      ['__proto__', Buffer.from('v')].map((one) => (typeof one === 'string' ? one : new Uint8Array(one))),
    ])
  })

  it('reads sums of signed bytes, as some old tars wrote them', () => {
    const tar = makeTar([{ name: 'caf\xe9' }])
    const sum = tar
      .subarray(0, 512)
      .reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : (byte << 24) >> 24), 0)
    tar.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
    expect(read(tar)).toHaveLength(1)
  })

  it.each<[string, Uint8Array, TarFault?]>([
    ['a wrong checksum', makeTar([{ name: 'a' }]).map((byte, index) => (index === 3 ? 65 : byte))],
    ['a truncated content', makeTar([{ name: 'a', content: 'x'.repeat(600) }]).subarray(0, 900), 'truncated'],
    ['a truncated header', makeTar([{ name: 'a' }]).subarray(0, 100), 'truncated'],
    ['an old GNU sparse file', makeTar([{ name: 'a', type: 'S' }]), 'sparse'],
    ['a PAX sparse file', makeTar([{ name: 'a', pax: { 'GNU.sparse.major': '1' } }]), 'sparse'],
    ['an unknown member type', makeTar([{ name: 'a', type: 'V' }]), 'member'],
    [
      'a PAX record with a wrong length',
      makeTar([{ name: 'p', type: 'x', content: '99 path=a\n' }, { name: 'a' }]),
    ],
    ['a PAX record without a value', makeTar([{ name: 'p', type: 'x', content: '7 path\n' }, { name: 'a' }])],
    ['a huge PAX header', makeTar([{ name: 'p', type: 'x', size: 1 << 30 }]), 'field-too-long'],
    ['a negative size', makeTar([{ name: 'a', size: -1, base256: true }])],
    ['a size that no number holds', makeTar([{ name: 'a', size: 2 ** 60, base256: true }])],
    ['a size that is no number', makeTar([{ name: 'a', pax: { size: '1e3' } }])],
    ['a time that is none', makeTar([{ name: 'a', pax: { mtime: 'now' } }])],
    [
      'members after the end marker',
      new Uint8Array(Buffer.concat([Buffer.alloc(512), makeTar([{ name: 'a' }])])),
    ],
  ])('refuses %s', (_what, tar, fault = 'header') => {
    for (const step of [1, tar.length])
      expect(() => read(tar, step)).toThrow(expect.objectContaining({ constructor: TarFormatError, fault }))
  })
})
