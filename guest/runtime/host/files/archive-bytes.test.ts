import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureTools } from '../../../../scripts/lib/debian/host-tools.ts'
import { makeTar } from '../../../../test/support/make-tar.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { collect } from '../../testing/collect.ts'
import { isArchive, tarOf } from './archive-bytes.ts'

const TAR = Buffer.from(makeTar([{ name: 'file', content: 'x'.repeat(10_000) }]))
const TEXT = Buffer.from('not an archive\n'.repeat(100))
const HOW = ['none', 'gzip', 'bzip2', 'xz'] as const

function compressed(how: (typeof HOW)[number], bytes: Buffer): Buffer {
  if (how === 'none') return bytes
  return how === 'gzip' ? gzipSync(bytes) : execFileSync(how, ['-c'], { input: bytes })
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
}

const unpacked = async (bytes: Uint8Array) => Buffer.concat(await collect(tarOf(inPieces(bytes))))

/** Paths of this process's open files: proc(5). */
async function openFiles(): Promise<string[]> {
  const names = await readdir('/proc/self/fd')
  return Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => 'closed since')))
}

let scratch: string
beforeAll(async () => {
  await ensureTools('bzip2', 'xz')
  scratch = await mkdtemp(join(tmpdir(), 'archive-bytes-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

test.each(HOW)('an archive compressed with %s is its tar', async (how) => {
  expect(await unpacked(compressed(how, TAR))).toEqual(TAR)
})

test.each(['gzip', 'bzip2', 'xz'] as const)('one of %s that is cut off is an error', async (how) => {
  const whole = compressed(how, TAR)
  await expect(unpacked(whole.subarray(0, whole.length - 12))).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(`the archive is no valid ${how} stream: `) as string,
  })
})

test('zstd is refused, with what to use, and its source let go', async () => {
  let ended = false
  async function* zstd(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0])
    } finally {
      ended = true
    }
  }
  await expect(collect(tarOf(zstd()))).rejects.toThrow('use gzip, xz, bzip2 or none')
  expect(ended).toBe(true)
})

test('what is wrong with the source is not said of its compression', async () => {
  const failure = new EngineError('invalid', 'the body ended early')
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield compressed('xz', TAR)
    throw failure
  }
  await expect(collect(tarOf(failing()))).rejects.toBe(failure)
})

test.each(HOW)('%s: a file that was looked at is closed', async (how) => {
  const path = join(scratch, `closed-${how}`)
  await writeFile(path, compressed(how, Buffer.concat([TAR, Buffer.alloc(1 << 20)])))
  expect(await isArchive(path)).toBe(true)
  await expect.poll(async () => openFiles()).not.toContain(path)
})

test.each(HOW)('%s: ADD takes a tar apart, and nothing else', async (how) => {
  const path = join(scratch, how)
  await writeFile(path, compressed(how, TAR))
  expect(await isArchive(path)).toBe(true)
  await writeFile(path, compressed(how, TEXT))
  expect(await isArchive(path)).toBe(false)
  await writeFile(path, compressed(how, TAR).subarray(0, 8))
  expect(await isArchive(path)).toBe(false)
})
