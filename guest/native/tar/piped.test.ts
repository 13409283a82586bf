/** Claims about archives that go from one program to another by a named pipe, past the engine. */
import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeDirectory, differences } from '../../../test/support/describe-directory.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { isPiped, type PipedBytes } from '../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../protocol/errors.ts'
import { brokenPipe } from '../../runtime/host/pipes.ts'
import { nodeCliFiles } from '../../runtime/host/files/cli-files.ts'
import type { PlanStream } from '../../runtime/host/launcher/launcher-api.ts'
import { ERRNO } from '../../runtime/plan/errno.ts'
import { O } from '../../runtime/plan/linux-constants.ts'
import { SLOT, type HostPlan, type Step } from '../../runtime/plan/plan.ts'
import { collect } from '../../runtime/testing/collect.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'

let bed: TestBed
let scratch: string
let work: string
let count = 0
beforeAll(async () => {
  bed = await openTestBed()
  scratch = await mkdtemp(join(tmpdir(), 'porthole-piped-'))
}, 300_000)
beforeEach(async () => {
  work = join(scratch, String(count++))
  await mkdir(join(work, 'tree/sub'), { recursive: true })
  await mkdir(join(work, 'to'))
  await writeFile(join(work, 'tree/big'), Buffer.alloc(3_000_001, 'abc'))
  await writeFile(join(work, 'tree/sub/small'), 'x')
})
afterAll(async () => {
  expect((await readdir(bed.dir)).filter((name) => name.startsWith('pipe-'))).toEqual([])
  await bed.close()
  await rm(scratch, { recursive: true, force: true })
})

const open = (name: string): Step => ({
  op: 'open',
  slot: SLOT.root,
  path: join(work, name),
  flags: O.PATH | O.DIRECTORY,
})
const packPlan = (): HostPlan => ({
  steps: [open('tree'), { op: 'tar-pack', at: SLOT.root, path: '/', name: '', flags: 0, exclude: [] }],
})
const unpackPlan = (name = 'to'): HostPlan => ({
  steps: [open(name), { op: 'tar-unpack', at: SLOT.root, path: '/', flags: 0 }],
})

function pipedOf({ output }: PlanStream): PipedBytes {
  if (!isPiped(output)) throw new Error('the output cannot be piped')
  return output
}

/** Bytes that only a pipe can have; `left` is set when they are given up. */
function source(pipeTo: PipedBytes['pipeTo']): PipedBytes & { left: boolean } {
  const bytes = {
    left: false,
    pipeTo,
    async *[Symbol.asyncIterator]() {
      try {
        yield new Uint8Array(1)
      } finally {
        bytes.left = true
      }
    },
  }
  return bytes
}

test('a tree goes from one plan to another', async () => {
  const packed = pipedOf(await bed.client.stream(packPlan()))
  const told: number[] = []
  let whole = 0
  const watched: PipedBytes = {
    ...packed,
    pipeTo: async (path) => (whole = await packed.pipeTo(path, (bytes) => told.push(bytes))),
  }
  await bed.client.stream(unpackPlan(), watched)
  const [made, expected] = await Promise.all(
    ['to', 'tree'].map((tree) => describeDirectory(join(work, tree))),
  )
  // The destination keeps its own attributes.
  for (const tree of [made!, expected!]) tree.delete('.')
  expect(differences(made!, expected!)).toEqual([])
  expect(whole).toBeGreaterThan(3_000_001)
  expect(whole % 512).toBe(0)
  expect(told.length).toBeGreaterThan(2)
  expect(told.at(-1)).toBe(whole)
})

test('what was piped cannot be read again, and what is read is the same', async () => {
  const packed = pipedOf(await bed.client.stream(packPlan()))
  await bed.client.stream(unpackPlan(), packed)
  expect(await collect(packed)).toEqual([])
  const read = Buffer.concat(await collect((await bed.client.stream(packPlan())).output))
  const files = nodeCliFiles(bed.client)
  await files.writeStream(join(work, 'a.tar'), (await bed.client.stream(packPlan())).output)
  expect((await readFile(join(work, 'a.tar'))).equals(read)).toBe(true)
})

test('a source that fails fails the plan with its own words, though its end looks like one', async () => {
  const whole = makeTar([{ name: 'f', content: 'x' }])
  const broken = source(async (path) => {
    writeFileSync(path, whole)
    throw new EngineError('internal', 'the source broke')
  })
  await expect(bed.client.stream(unpackPlan(), broken)).rejects.toThrow('the source broke')
})

test('a plan that fails says why, and its source is not stopped', async () => {
  const climbing = makeTar([
    { name: 'before', content: 'x' },
    { name: '../evil', content: 'x'.repeat(500_000) },
  ])
  let written = 0
  const evil = source(async (path) => {
    writeFileSync(path, climbing)
    return (written = climbing.length)
  })
  const below: HostPlan = {
    steps: [open('to'), { op: 'mkdir', at: SLOT.root, path: '/d', mode: 0o755 }, ...unpackBelow('/d')],
  }
  await expect(bed.client.stream(below, evil)).rejects.toMatchObject({
    details: { op: 'tar-unpack', errno: ERRNO.EXDEV[0], path: '../evil' },
  })
  expect(written).toBe(climbing.length)
  expect(await readdir(join(work, 'to/d'))).toEqual(['before'])
})

const unpackBelow = (path: string): Step[] => [{ op: 'tar-unpack', at: SLOT.root, path, flags: 0 }]

test('a plan that fails before it reads lets its source go', async () => {
  const untouched = source(() => Promise.reject(new Error('nobody asked')))
  await expect(bed.client.stream(unpackPlan('missing'), untouched)).rejects.toMatchObject({
    details: { op: 'open', errno: ERRNO.ENOENT[0] },
  })
  await expect.poll(() => untouched.left).toBe(true)
})

test('a source that cannot open the pipe fails the plan, which waits for it', async () => {
  const barred = source(() => Promise.reject(brokenPipe()))
  const to = join(work, 'to/file')
  const steps: Step[] = [
    { op: 'open', slot: SLOT.first, path: to, flags: O.WRONLY | O.CREAT, mode: 0o600 },
    { op: 'receive-file', slot: SLOT.first },
  ]
  await expect(bed.client.stream({ steps }, barred)).rejects.toThrow('nobody reads the pipe any more')
})

test('members go before a packed directory', async () => {
  const before = makeTar([{ name: 'first', content: 'x' }]).subarray(0, 1024)
  const packed = await nodeCliFiles(bed.client).archives.pack(join(work, 'tree/.'), '', ['big'], before)
  await bed.client.stream(unpackPlan(), packed)
  expect((await readdir(join(work, 'to'))).sort()).toEqual(['first', 'sub'])
})

test('a reader that leaves ends the plan', async () => {
  const pipe = join(work, 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = spawn('sh', ['-c', `exec 3<>"${pipe}"; echo; exec head -c 1000 <&3`])
  await new Promise((resolve) => reader.stdout.once('data', resolve))
  const packed = pipedOf(await bed.client.stream(packPlan()))
  await expect(packed.pipeTo(pipe)).rejects.toMatchObject({
    details: { op: 'tar-pack', errno: ERRNO.EPIPE[0] },
  })
})

test('parts and files make an archive, and a file of another size is refused', async () => {
  const path = join(work, 'tree/big')
  const { size } = await stat(path)
  const steps = (length: number): Step[] => [
    { op: 'send-bytes', data: Buffer.from('before ') },
    { op: 'send-file', path, size: BigInt(length) },
    { op: 'send-bytes', data: Buffer.from(' after') },
  ]
  const sent = await collect((await bed.client.stream({ steps: steps(size) })).output)
  const expected = Buffer.concat([Buffer.from('before '), await readFile(path), Buffer.from(' after')])
  expect(Buffer.concat(sent).equals(expected)).toBe(true)
  const files = nodeCliFiles(bed.client)
  await files.writeStream(join(work, 'to/made'), (await bed.client.stream({ steps: steps(size) })).output)
  expect((await readFile(join(work, 'to/made'))).equals(expected)).toBe(true)
  expect((await stat(join(work, 'to/made'))).mode & 0o777).toBe(0o600)
  const wrong = await bed.client.stream({ steps: steps(size + 1) })
  await expect(files.writeStream(join(work, 'to/made'), wrong.output)).rejects.toMatchObject({
    details: { op: 'send-file', errno: ERRNO.ENODATA[0] },
  })
  expect(await readdir(join(work, 'to'))).toEqual(['made'])
  expect((await readFile(join(work, 'to/made'))).equals(expected)).toBe(true)
})

test('a file that cannot be written is named with its errno', async () => {
  const files = nodeCliFiles(bed.client)
  const path = join(work, 'missing/a.tar')
  await expect(files.writeStream(path, (await bed.client.stream(packPlan())).output)).rejects.toMatchObject({
    code: 'not-found',
    message: `cannot write ${path}: ENOENT`,
  })
})

test('a file of the caller is sent by the launcher', async () => {
  const files = nodeCliFiles(bed.client)
  await files.writeStream(join(work, 'a.tar'), (await bed.client.stream(packPlan())).output)
  await symlink('a.tar', join(work, 'link.tar'))
  const archive = files.readStream(join(work, 'link.tar'))
  if (!isPiped(archive)) throw new Error('a file cannot be piped')
  expect(Buffer.from(await archive.peek!(3)).toString()).toBe('big')
  await bed.client.stream(unpackPlan(), archive)
  expect((await stat(join(work, 'to/big'))).size).toBe(3_000_001)
  await writeFile(join(work, 'empty'), '')
  expect(isPiped(files.readStream(join(work, 'empty')))).toBe(false)
  expect(isPiped(files.readStream('/dev/null'))).toBe(false)
})
