/** Claims about what `tar-unpack` makes of archives: GNU tar's, and ones that no honest tool writes. */
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureTools } from '../../../scripts/lib/debian/host-tools.ts'
import { run } from '../../../scripts/lib/run.ts'
import { describeDirectory, differences } from '../../../test/support/describe-directory.ts'
import { makeTar, type TarPart } from '../../../test/support/make-tar.ts'
import { UNPACK } from '../../runtime/plan/pack-flags.ts'
import { O } from '../../runtime/plan/linux-constants.ts'
import { SLOT, type HostPlan } from '../../runtime/plan/plan.ts'
import { ODD_TREE } from '../testing/odd-tree.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'

let bed: TestBed
let scratch: string
let work: string
let count = 0
beforeAll(async () => {
  await ensureTools('tar', 'setfattr', 'getfattr')
  bed = await openTestBed()
  scratch = await mkdtemp(join(tmpdir(), 'porthole-untar-'))
}, 300_000)
beforeEach(async () => {
  work = join(scratch, String(count++))
  await mkdir(join(work, 'root/dest'), { recursive: true })
})
afterAll(async () => {
  await bed?.close()
  await rm(scratch, { recursive: true, force: true })
})

const shell = async (script: string): Promise<string> =>
  String(await run('sh', ['-ec', script], { cwd: work }))

interface Unpacking {
  path?: string
  flags?: number
  uid?: number
  gid?: number
  mode?: number
}

function unpackPlan({ path = '/dest', flags = 0, ...owner }: Unpacking): HostPlan {
  return {
    steps: [
      { op: 'open', slot: SLOT.root, path: join(work, 'root'), flags: O.PATH | O.DIRECTORY },
      { op: 'tar-unpack', at: SLOT.root, path, flags, ...owner },
    ],
  }
}

/** Cuts the bytes into pieces of `size`, so that headers are cut anywhere. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const unpack = (archive: Uint8Array, unpacking: Unpacking = {}, size = 65536): Promise<unknown> =>
  bed.client.stream(unpackPlan(unpacking), pieces(archive, size))

const unpackParts = (parts: TarPart[], unpacking?: Unpacking): Promise<unknown> =>
  unpack(makeTar(parts), unpacking)

const read = (path: string): Promise<string> => readFile(join(work, 'root', path), 'utf8')

describe('unpacking', () => {
  test.each(['pax', 'gnu'])('makes the tree that GNU tar packed as %s', async (format) => {
    await shell(`${ODD_TREE} rm -f tree/null; mknod tree/null c 1 3
      tar -cf a.tar --format=${format} --numeric-owner ${format === 'pax' ? "--xattrs --xattrs-include='*'" : ''} -C tree .`)
    if (format === 'gnu')
      await shell(`setfattr -x user.mime tree/dir/sub/small; setfattr -x user.of.dir tree/dir
        setfattr -x security.capability tree/dir/big`)
    await shell('rmdir root/dest')
    await bed.client.stream(unpackPlan({ path: '/' }), createReadStream(join(work, 'a.tar')))
    const [made, expected] = await Promise.all(
      ['root', 'tree'].map((tree) => describeDirectory(join(work, tree))),
    )
    // The destination keeps its own attributes.
    for (const tree of [made!, expected!]) tree.delete('.')
    expect(differences(made!, expected!)).toEqual([])
  })

  test.each([1, 7, 511, 513])('does not mind where the stream is cut: pieces of %d bytes', async (size) => {
    const archive = makeTar([
      { name: 'd', type: '5', mode: 0o755 },
      {
        name: 'x',
        pax: { path: `d/${'long'.repeat(40)}`, 'SCHILY.xattr.user.a': 'b' },
        content: 'c'.repeat(700),
      },
      { name: 'last', content: 'end' },
    ])
    await unpack(archive, {}, size)
    expect(await read(`dest/d/${'long'.repeat(40)}`)).toBe('c'.repeat(700))
    expect(await read('dest/last')).toBe('end')
  })

  test('makes missing directories, and takes names from the root for names below the destination', async () => {
    await unpackParts([
      { name: 'a/b/c', content: '1' },
      { name: '/abs/d', content: '2' },
      { name: './x/../y', content: '3' },
    ])
    expect([await read('dest/a/b/c'), await read('dest/abs/d'), await read('dest/y')]).toEqual([
      '1',
      '2',
      '3',
    ])
  })

  test('replaces files and links, merges directories, sets their times last', async () => {
    await shell('cd root/dest; mkdir -p d/keep was; echo old > f; ln -s /etc/passwd l; echo x > was/y')
    await unpackParts([
      { name: 'd', type: '5', mode: 0o700, mtime: 1_000_000_000 },
      { name: 'd/new', content: 'n' },
      { name: 'f', content: 'new' },
      { name: 'l', content: 'a file now' },
      { name: 'was', content: 'a file now' },
    ])
    expect(await readdir(join(work, 'root/dest/d'))).toEqual(['keep', 'new'])
    const directory = await lstat(join(work, 'root/dest/d'))
    expect([directory.mode & 0o777, directory.mtimeMs]).toEqual([0o700, 1e12])
    expect([await read('dest/f'), await read('dest/l'), await read('dest/was')]).toEqual([
      'new',
      'a file now',
      'a file now',
    ])
  })

  test('keeps directories and files in their places when asked to', async () => {
    await shell('cd root/dest; mkdir d; echo f > f')
    const flags = UNPACK.keepKinds
    await expect(unpackParts([{ name: 'd', content: 'x' }], { flags })).rejects.toMatchObject({
      details: { errno: 21, path: 'd' },
    })
    await expect(unpackParts([{ name: 'f', type: '5' }], { flags })).rejects.toMatchObject({
      details: { errno: 17, path: 'f' },
    })
    await unpackParts(
      [
        { name: 'd', type: '5' },
        { name: 'f', content: 'g' },
      ],
      { flags },
    )
    expect(await read('dest/f')).toBe('g')
  })

  test('gives all to one owner, and all one mode, when asked to', async () => {
    await unpackParts(
      [
        { name: 'd', type: '5', uid: 7, gid: 8 },
        { name: 'd/f', mode: 0o4755, content: 'x', uid: 7 },
        { name: 'l', type: '2', link: 'd/f', uid: 7 },
      ],
      { flags: UNPACK.owner | UNPACK.mode, uid: 33, gid: 34, mode: 0o640 },
    )
    for (const name of ['d', 'd/f', 'l']) {
      expect(await lstat(join(work, 'root/dest', name))).toMatchObject({ uid: 33, gid: 34 })
    }
    expect((await lstat(join(work, 'root/dest/d/f'))).mode & 0o7777).toBe(0o640)
  })

  test('follows a link in the destination no further than the root', async () => {
    await shell('mkdir root/etc outside; ln -s /etc root/dest/abs; ln -s ../../../../outside root/dest/up')
    await unpackParts([{ name: 'abs/in', content: 'i' }])
    expect(await read('etc/in')).toBe('i')
    await expect(unpackParts([{ name: 'up/file', content: 'x' }])).rejects.toMatchObject({
      details: { path: 'up/file' },
    })
    expect(await readdir(join(work, 'outside'))).toEqual([])
  })
})

describe('a hostile archive', () => {
  const breakouts: [string, TarPart[]][] = [
    ['a name that climbs', [{ name: '../../evil', content: 'x' }]],
    ['a name that climbs later', [{ name: 'a/b/../../../evil', content: 'x' }]],
    ['a pax name that climbs', [{ name: 'ok', pax: { path: '../evil' }, content: 'x' }]],
    ['a link that climbs', [{ name: 'l', type: '2', link: '../../outside' }]],
    ['a link that climbs from the root', [{ name: 'l', type: '2', link: '/../../outside' }]],
    ['a hard link that climbs', [{ name: 'h', type: '1', link: '../../outside/secret' }]],
  ]
  test.each(breakouts)('with %s is refused', async (_, parts) => {
    await shell('mkdir outside; echo s > outside/secret')
    await expect(unpackParts(parts)).rejects.toMatchObject({ details: { errno: 18 } })
    expect(await readdir(work)).toEqual(['outside', 'root'])
    expect(await readdir(join(work, 'root'))).toEqual(['dest'])
  })

  test('that climbs from a root stays at it, as in the chroot of moby', async () => {
    const parts: TarPart[] = [
      { name: '../../above', content: 'a' },
      { name: 'a/../../b', content: 'b' },
      { name: 'h', type: '1', link: '../above' },
    ]
    await unpackParts(parts, { path: '/' })
    expect(await readdir(work)).toEqual(['root'])
    expect((await readdir(join(work, 'root'))).sort()).toEqual(['above', 'b', 'dest', 'h'])
    expect(await read('h')).toBe('a')
  })

  test('that writes through its own link stays inside the root', async () => {
    await shell('mkdir -p outside; echo kept > outside/file')
    const parts: TarPart[] = [
      { name: 'l', type: '2', link: join(work, 'outside') },
      { name: 'l/file', content: 'overwritten' },
    ]
    await expect(unpackParts(parts)).rejects.toMatchObject({ details: { path: 'l/file' } })
    expect(await readFile(join(work, 'outside/file'), 'utf8')).toBe('kept\n')
    await shell('mkdir root/etc')
    await unpackParts([
      { name: 'm', type: '2', link: '/etc' },
      { name: 'm/x', content: 'inside' },
    ])
    expect(await read('etc/x')).toBe('inside')
  })

  test('gets a hard link to a link, not to what that leads to', async () => {
    await shell('mkdir outside; echo s > outside/secret')
    await unpackParts([
      { name: 'l', type: '2', link: '/outside/secret' },
      { name: 'h', type: '1', link: 'l' },
    ])
    expect(await readlink(join(work, 'root/dest/h'))).toBe('/outside/secret')
  })

  test('cannot give a file the attributes of an overlay or of a security module', async () => {
    await unpackParts([
      {
        name: 'f',
        content: '',
        pax: {
          'SCHILY.xattr.trusted.overlay.opaque': 'y',
          'SCHILY.xattr.user.overlay.opaque': 'y',
          'SCHILY.xattr.security.selinux': 'x',
          'SCHILY.xattr.user.fine': 'z',
        },
      },
    ])
    expect(await shell('getfattr -d -m - --absolute-names root/dest/f | grep -v "^#" | tr -d "\\n"')).toBe(
      'user.fine="z"',
    )
  })

  const broken: [string, () => Uint8Array, number][] = [
    ['no archive at all', () => Buffer.from('hello '.repeat(200)), 74],
    ['a wrong checksum', () => flipped(makeTar([{ name: 'f', content: 'x' }]), 0), 74],
    [
      'a content that is cut off',
      () => makeTar([{ name: 'f', content: 'x'.repeat(2000) }]).subarray(0, 1500),
      61,
    ],
    ['a header that is cut off', () => makeTar([{ name: 'f' }]).subarray(0, 300), 61],
    [
      'a size beyond all files',
      () => makeTar([{ name: 'f', size: Number.MAX_SAFE_INTEGER, base256: true }]),
      61,
    ],
    ['a negative size', () => makeTar([{ name: 'f', size: -1, base256: true }]), 74],
    ['a pax length that lies', () => paxOf('99 path=x\n'), 74],
    ['a pax length of nothing', () => paxOf('0 path=x\n'), 74],
    ['a pax record without newline', () => paxOf('10 path=xy'), 74],
    ['a pax name with a NUL', () => paxOf('11 path=a\0b\n'), 74],
    ['a pax header of two MiB', () => paxOf('x'.repeat(2 << 20)), 27],
    ['an unknown kind of member', () => makeTar([{ name: 'f', type: 'Z' }]), 95],
    ['a sparse file', () => makeTar([{ name: 'f', pax: { 'GNU.sparse.major': '1' } }]), 95],
    ['a name beyond every limit', () => makeTar([{ name: 'f', pax: { path: 'a/'.repeat(2502) } }]), 36],
  ]
  test.each(broken)('that is %s is refused', async (_, make, errno) => {
    await expect(unpack(make())).rejects.toMatchObject({ details: { errno } })
  })

  test('with a thousand bytes of noise anywhere never ends the launcher', async () => {
    const archive = makeTar([
      { name: 'x', pax: { path: 'a'.repeat(300), mtime: '1.5', 'SCHILY.xattr.user.a': 'b' }, content: 'c' },
      { name: 'd/e', type: '2', link: 'f' },
    ])
    for (let at = 0; at < archive.length; at += 37) {
      await unpack(flipped(archive, at)).catch((error: unknown) =>
        expect(error).toMatchObject({ details: { op: 'tar-unpack' } }),
      )
    }
  })
})

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at]! ^= 0xa5
  return copy
}

const paxOf = (records: string): Uint8Array =>
  makeTar([
    { name: 'p', type: 'x', content: records },
    { name: 'f', content: 'x' },
  ])

describe('path-stat', () => {
  async function stat(path: string): Promise<{ mode: number; size: number; target: string }> {
    const [, report] = await bed.client.ask({
      steps: [
        { op: 'open', slot: SLOT.root, path: join(work, 'root'), flags: O.PATH | O.DIRECTORY },
        { op: 'path-stat', at: SLOT.root, path },
      ],
    })
    const data = Buffer.from(report!.data!)
    return {
      mode: data.readUInt32LE(0),
      size: data.readUInt32LE(4),
      target: data.subarray(24).toString(),
    }
  }

  test('tells what a path is without following its last link', async () => {
    await shell('cd root; printf 12345 > file; ln -s file link; mkdir d; ln -s ../file d/l; ln -s d dir')
    expect(await stat('/file')).toEqual({ mode: 0o100644, size: 5, target: '' })
    expect(await stat('/link')).toEqual({ mode: 0o120777, size: 4, target: '/file' })
    expect(await stat('/dir/l')).toMatchObject({ target: '/file' })
  })

  test('resolves links inside the root, all of them, and says what is missing as it is', async () => {
    await shell(`cd root; ln -s /../../../etc/passwd out; ln -s one/two broken; ln -s third second; ln -s /dest third
      ln -s second/x chain; ln -s /loop2 loop; ln -s /loop loop2`)
    expect(await stat('/out')).toMatchObject({ target: '/etc/passwd' })
    expect(await stat('/broken')).toMatchObject({ target: '/one/two' })
    expect(await stat('/chain')).toMatchObject({ target: '/dest/x' })
    await expect(stat('/loop')).rejects.toMatchObject({ details: { errno: 40 } })
    await expect(stat('/none')).rejects.toMatchObject({ details: { errno: 2 } })
  })
})

test('what the sender has not sent yet when it stops is no member', async () => {
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield makeTar([{ name: 'f', content: 'x'.repeat(4000) }]).subarray(0, 1000)
    throw new TypeError('the source broke')
  }
  await writeFile(join(work, 'marker'), '')
  await expect(bed.client.stream(unpackPlan({}), cut())).rejects.toThrow('the source broke')
})
