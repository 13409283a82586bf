/** Claims about what `tree-stamp` tells of a tree. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureTools } from '../../../scripts/lib/debian/host-tools.ts'
import { run } from '../../../scripts/lib/run.ts'
import { O } from '../../runtime/plan/linux-constants.ts'
import { SLOT } from '../../runtime/plan/plan.ts'
import { stampTree, type TreeStamp } from '../../runtime/docker/volume/volume-tree.ts'
import { ODD_TREE } from '../testing/odd-tree.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'

let bed: TestBed
let scratch: string
let work: string
let count = 0
beforeAll(async () => {
  await ensureTools('setfattr')
  bed = await openTestBed()
  scratch = await mkdtemp(join(tmpdir(), 'porthole-stamp-'))
}, 300_000)
beforeEach(async () => {
  work = join(scratch, String(count++))
  await mkdir(work)
  await shell(`${ODD_TREE}\nmv tree _data; mkdir -p _data/one/two; echo 1 > _data/one/two/file`)
})
afterAll(async () => {
  await bed?.close()
  await rm(scratch, { recursive: true, force: true })
})

const shell = async (script: string): Promise<string> =>
  String(await run('sh', ['-ec', script], { cwd: work }))

/** A stamp that a later change is sure to differ from: the kernel's clock of changes ticks by itself. */
async function settled(): Promise<TreeStamp> {
  let stamp = await stampTree(bed.client, work)
  while (!stamp.settled) stamp = await stampTree(bed.client, work)
  return stamp
}

test('steps of one kind in a plan have answers of their own', async () => {
  const at = SLOT.root
  const [stamp, , , ...others] = await bed.client.ask({
    steps: [
      { op: 'tree-stamp', at: SLOT.host, path: `${work}/_data/one` },
      { op: 'tree-stamp', at: SLOT.host, path: `${work}/_data` },
      { op: 'open', slot: at, path: work, flags: O.PATH | O.DIRECTORY },
      { op: 'path-stat', at, path: '/_data/one/two/file' },
      { op: 'path-stat', at, path: '/_data/one' },
    ],
  })
  const [alone] = await bed.client.ask({
    steps: [{ op: 'tree-stamp', at: SLOT.host, path: `${work}/_data/one` }],
  })
  expect(stamp!.data!.subarray(0, 8)).toEqual(alone!.data!.subarray(0, 8))
  const modes = others.map(({ data }) => Buffer.from(data!).readUInt32LE(0) & 0o170000)
  expect(modes).toEqual([0o100000, 0o040000])
})

describe('the stamp of a tree', () => {
  test('is the same for as long as nothing changes', async () => {
    const stamp = await settled()
    await shell('find _data -type f -exec cat {} + > /dev/null; ls -lR _data > /dev/null')
    expect(await stampTree(bed.client, work)).toEqual(stamp)
  })

  test.each([
    ['a file’s content', 'printf 2 | dd of=_data/one/two/file conv=notrunc 2>/dev/null'],
    ['a mode', 'chmod 600 _data/one/two/file'],
    ['the mode of the top', 'chmod 700 _data'],
    ['an owner', 'chown 33:34 _data/one/two/file'],
    ['an attribute', 'setfattr -n user.a -v b _data/one/two/file'],
    ['a time of a file', 'touch -d 2001-01-01 _data/one/two/file'],
    ['a new name', 'ln _data/one/two/file _data/again'],
    ['a name', 'mv _data/one/two/file _data/one/two/life'],
    ['what is gone', 'rm _data/one/two/file'],
    ['a new directory', 'mkdir _data/one/three'],
    ['where a link leads', 'ln -sfn elsewhere _data/one/link'],
  ])('tells a change of %s', async (_, change) => {
    const { sum } = await settled()
    await shell(change)
    expect((await stampTree(bed.client, work)).sum).not.toBe(sum)
  })

  test('says when it may miss a change of the same moment', async () => {
    // Changed and looked at within one tick of the kernel's clock: at the first try, or at one of the next.
    for (let tries = 0, sure = true; sure; tries++) {
      const reports = await bed.client.ask({
        steps: [
          { op: 'open', slot: SLOT.root, path: work, flags: O.PATH | O.DIRECTORY },
          { op: 'mkdir', at: SLOT.root, path: `/_data/new-${tries}`, mode: 0o755 },
          { op: 'tree-stamp', at: SLOT.root, path: '/_data' },
        ],
      })
      sure = reports[2]!.data![8] === 1
    }
    expect((await settled()).settled).toBe(true)
  })
})
