/** Claims about the archives that `tar-pack` writes; GNU tar and umoci read them. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureTools } from '../../../scripts/lib/debian/host-tools.ts'
import { run } from '../../../scripts/lib/run.ts'
import { describeDirectory, differences } from '../../../test/support/describe-directory.ts'
import { PACK } from '../../runtime/plan/pack-flags.ts'
import { O } from '../../runtime/plan/linux-constants.ts'
import { SLOT, type HostPlan } from '../../runtime/plan/plan.ts'
import { ODD_TREE } from '../testing/odd-tree.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'

let bed: TestBed
let scratch: string
let work: string
let count = 0
beforeAll(async () => {
  await ensureTools('umoci', 'tar', 'setfattr', 'getfattr')
  bed = await openTestBed()
  scratch = await mkdtemp(join(tmpdir(), 'porthole-tar-'))
}, 300_000)
beforeEach(async () => {
  work = join(scratch, String(count++))
  await mkdir(work)
})
afterAll(async () => {
  await bed?.close()
  await rm(scratch, { recursive: true, force: true })
})

const shell = async (script: string): Promise<string> =>
  String(await run('sh', ['-ec', script], { cwd: work }))

interface Packing {
  path?: string
  name?: string
  flags?: number
  exclude?: string[]
}

function packPlan(tree: string, { path = '/', name = '', flags = 0, exclude = [] }: Packing): HostPlan {
  return {
    steps: [
      { op: 'open', slot: SLOT.root, path: join(work, tree), flags: O.PATH | O.DIRECTORY },
      { op: 'tar-pack', at: SLOT.root, path, name, flags, exclude },
    ],
  }
}

async function pack(tree: string, packing: Packing = {}): Promise<Buffer> {
  const { output } = await bed.client.stream(packPlan(tree, packing))
  const chunks: Uint8Array[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Names as GNU tar lists them. */
async function names(archive: Buffer): Promise<string[]> {
  await writeFile(join(work, 'listed.tar'), archive)
  return (await shell('tar -tf listed.tar --quoting-style=literal')).split('\n').filter(Boolean)
}

describe('an archive', () => {
  test('is unpacked by GNU tar to the tree it was made of', async () => {
    await shell(ODD_TREE)
    await writeFile(join(work, 'a.tar'), await pack('tree', { flags: PACK.top }))
    await shell(
      "mkdir out && tar -xpf a.tar -C out --same-owner --numeric-owner --xattrs --xattrs-include='*'",
    )
    expect(
      differences(await describeDirectory(join(work, 'out')), await describeDirectory(join(work, 'tree'))),
    ).toEqual([])
  })

  test('of the root as `/`, and of a directory as `.`, names all its members from there', async () => {
    await shell('mkdir -p tree/d; echo 1 >tree/d/f; ln tree/d/f tree/g')
    expect(await names(await pack('tree', { name: '/', flags: PACK.top }))).toEqual(
      ['/d/f', '/d/', '/g', '/'].sort(),
    )
    expect(await names(await pack('tree', { name: '.', flags: PACK.top }))).toContain('./d/f')
  })

  test('leaves out what is excluded with all that is in it, when told to', async () => {
    await shell(
      'mkdir -p tree/out/deep tree/in/out; echo 1 | tee tree/out/deep/a tree/in/out/b tree/in/c tree/d >tree/e',
    )
    const exclude = ['out', 'in/c', 'd']
    expect(await names(await pack('tree', { flags: PACK.omit, exclude }))).toEqual([
      ...['e', 'in/', 'in/out/', 'in/out/b'],
    ])
    expect(await names(await pack('tree', { exclude }))).toContain('out/deep/a')
  })

  test('has a directory before its members and names in byte order', async () => {
    await shell('mkdir -p tree/b tree/B tree/b.d; touch tree/b/2 tree/b/10 tree/a tree/b.d/x')
    expect(await names(await pack('tree'))).toEqual(['B/', 'a', 'b/', 'b/10', 'b/2', 'b.d/', 'b.d/x'])
  })

  test('of the same files is the same bytes', async () => {
    await shell(ODD_TREE)
    expect((await pack('tree')).equals(await pack('tree'))).toBe(true)
  })

  test('of one file or link has that one member, under the name asked for', async () => {
    await shell('mkdir tree; echo hi > tree/file; ln -s file tree/link')
    expect(await names(await pack('tree', { path: '/file', name: 'other' }))).toEqual(['other'])
    expect(await names(await pack('tree', { path: '/link', name: 'link' }))).toEqual(['link'])
    const renamed = await pack('tree', { name: 'top', flags: PACK.top })
    expect(await names(renamed)).toEqual(['top/', 'top/file', 'top/link'])
  })

  test('of nothing is two blocks of zeros', async () => {
    await shell('mkdir tree')
    expect(await pack('tree')).toEqual(Buffer.alloc(1024))
  })

  test('never holds what a link out of the tree leads to', async () => {
    await shell('mkdir -p tree secret; echo s > secret/key; ln -s ../secret tree/out; ln -s /etc tree/etc')
    expect(await names(await pack('tree'))).toEqual(['etc', 'out'])
    await expect(pack('tree', { path: '/out/key', name: 'key' })).rejects.toMatchObject({
      details: { errno: 2 },
    })
    const members = await names(
      await pack('tree', { path: '/etc/passwd/..', name: 'x' }).catch(() => Buffer.alloc(1024)),
    )
    expect(members).toEqual([])
  })

  test('can be larger than the reader takes at once, and be left in the middle', async () => {
    await shell('mkdir tree; head -c 9000000 /dev/urandom > tree/big')
    const { output } = await bed.client.stream(packPlan('tree', {}))
    for await (const chunk of output) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    expect(await pack('tree')).toHaveLength(512 + 9_000_448 + 1024)
  })
})

/** Makes a real overlay, changes its tree through the merged view, and packs its upper directory. */
async function overlay(lower: string, change: string): Promise<string> {
  await shell(`mkdir lower upper work merged; cd lower; ${lower}`)
  await shell(
    `mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,redirect_dir=off,metacopy=off merged
     trap 'umount ../merged || umount merged' EXIT; cd merged; ${change}; cd ..`,
  )
  return 'upper'
}

describe('the archive of an upper directory', () => {
  test('makes, over its base, what umoci unpacks to the merged tree', async () => {
    await overlay(
      'mkdir -p gone keep/deep renew; echo 1 > gone/a; echo 2 > keep/deep/b; echo 3 > renew/c; echo 4 > file; ln -s file link',
      `rm -r gone renew; mkdir renew; echo new > renew/d; rm link keep/deep/b; mkdir link; echo 5 >> file
       mknod zero c 1 5; mkdir -p added/below; ln file added/below/hard; cp -a ../merged ../expected`,
    )
    await writeFile(join(work, 'layer.tar'), await pack('upper', { flags: PACK.upper }))
    await shell(
      `tar -cf base.tar -C lower . ; umoci init --layout oci; umoci new --image oci:t
       umoci raw add-layer --image oci:t base.tar; umoci raw add-layer --image oci:t layer.tar; umoci unpack --image oci:t out`,
    )
    const [made, expected] = await Promise.all(
      ['out/rootfs', 'expected'].map((tree) => describeDirectory(join(work, tree))),
    )
    // A layer has no header of the root itself; Docker's have none either.
    for (const tree of [made!, expected!]) tree.delete('.')
    expect(differences(made!, expected!)).toEqual([])
  })

  test('says a deleted name as a whiteout, a replaced directory as opaque, and no attribute of overlayfs', async () => {
    await overlay('mkdir d; touch d/x f', 'rm -r d f; mkdir d; touch d/y')
    const archive = await pack('upper', { flags: PACK.upper })
    expect(await names(archive)).toEqual(['d/', 'd/.wh..wh..opq', 'd/y', '.wh.f'])
    expect(archive.includes('overlay')).toBe(false)
  })

  test('leaves out empty files and mount points of the engine, and directories changed for them alone', async () => {
    await shell(
      'mkdir -p upper/etc/sub upper/dev/pts upper/proc; : > upper/etc/hosts; : > upper/etc/hostname',
    )
    const exclude = ['etc/hosts', 'etc/hostname', 'dev', 'dev/pts', 'proc']
    await shell('rmdir upper/etc/sub')
    expect(await names(await pack('upper', { flags: PACK.upper, exclude }))).toEqual([])
    await shell('echo mine > upper/etc/hosts; touch upper/dev/mine')
    const kept = await names(await pack('upper', { flags: PACK.upper, exclude }))
    expect(kept).toEqual(['dev/', 'dev/mine', 'etc/', 'etc/hosts'])
  })

  test('is refused when a directory was renamed by redirect', async () => {
    await shell('mkdir -p upper/d; setfattr -n trusted.overlay.redirect -v other upper/d')
    await expect(pack('upper', { flags: PACK.upper })).rejects.toMatchObject({
      details: { errno: 18, path: 'd' },
    })
  })
})

test('a missing directory is told with its path', async () => {
  await expect(pack('absent')).rejects.toMatchObject({
    message: `open ${join(work, 'absent')}: no such file or directory`,
  })
})

test('a packed file is read whole', async () => {
  await shell('mkdir tree; head -c 70001 /dev/urandom > tree/f')
  const archive = await pack('tree')
  expect(archive.subarray(512, 512 + 70001).equals(await readFile(join(work, 'tree/f')))).toBe(true)
})
