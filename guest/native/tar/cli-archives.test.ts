/** Claims about `docker cp`'s local side, made with the guest's own launcher. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { run } from '../../../scripts/lib/run.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import type { CliArchives } from '../../runtime/host/files/cli-file-access.ts'
import { cliArchives } from '../../runtime/host/files/cli-archives.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'

let bed: TestBed
let archives: CliArchives
let scratch: string
let work: string
let count = 0
beforeAll(async () => {
  bed = await openTestBed()
  archives = cliArchives(bed.client)
  scratch = await mkdtemp(join(tmpdir(), 'porthole-cp-'))
}, 300_000)
beforeEach(async () => {
  work = join(scratch, String(count++))
  await mkdir(join(work, 'dir/sub'), { recursive: true })
  await mkdir(join(work, 'to'))
  await writeFile(join(work, 'dir/one'), '1')
  await writeFile(join(work, 'dir/sub/two'), '2')
})
afterAll(async () => {
  await bed?.close()
  await rm(scratch, { recursive: true, force: true })
})

async function names(archive: AsyncIterable<Uint8Array>): Promise<string[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk)
  await writeFile(join(work, 'listed.tar'), Buffer.concat(chunks))
  return String(await run('tar', ['-tf', join(work, 'listed.tar')]))
    .split('\n')
    .filter(Boolean)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test('a directory, its content alone and a file are packed under the names wanted', async () => {
  expect(await names(await archives.pack(join(work, 'dir'), 'new'))).toEqual([
    ...['new/', 'new/one', 'new/sub/', 'new/sub/two'],
  ])
  expect(await names(await archives.pack(join(work, 'dir/.'), '.'))).toEqual([
    ...['./', './one', './sub/', './sub/two'],
  ])
  expect(await names(await archives.pack(join(work, 'dir/one'), 'uno'))).toEqual(['uno'])
})

test.each([
  ['a name of its own', 'dir', ['dir', 'fresh'] as const, ['fresh/one', 'fresh/sub/two']],
  ['the archive of a content', '.', ['', 'fresh'] as const, ['fresh/one', 'fresh/sub/two']],
  ['no new name', 'dir', undefined, ['dir/one', 'dir/sub/two']],
])('what is unpacked gets its place: %s', async (_, name, rename, files) => {
  const path = join(work, name === '.' ? 'dir/.' : 'dir')
  await archives.unpack(join(work, 'to'), await archives.pack(path, name), rename)
  for (const file of files) expect(['1', '2']).toContain(await readFile(join(work, 'to', file), 'utf8'))
  expect((await readdir(join(work, 'to'), { recursive: true })).length).toBe(4)
})

test('what is unpacked belongs to the caller, and stays in the directory', async () => {
  const to = join(work, 'to')
  await archives.unpack(to, once(makeTar([{ name: 'f', uid: 1234, gid: 5, content: 'x' }])))
  expect(await stat(join(to, 'f'))).toMatchObject({ uid: 0, gid: 0 })
  const climbing = archives.unpack(to, once(makeTar([{ name: '../evil', content: 'x' }])))
  await expect(climbing).rejects.toThrow(`"../evil" is outside of "${to}"`)
  expect(await readdir(work)).toEqual(['dir', 'to'])
})

test('a directory is not replaced by a file, in the words of Docker', async () => {
  const to = join(work, 'to')
  await mkdir(join(to, 'd'))
  await expect(archives.unpack(to, once(makeTar([{ name: 'd', content: 'x' }])))).rejects.toThrow(
    `cannot overwrite directory "${to}/d" with non-directory "${to}"`,
  )
  await expect(archives.unpack(to, once(Buffer.from('no tar '.repeat(200))))).rejects.toThrow(
    'archive/tar: invalid tar header',
  )
})
