import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { undoAfterEach } from '../../../test/support/undo-after-each.ts'
import { runText } from '../run.ts'
import { writeZip } from './zip-file.ts'

const undo = undoAfterEach()

async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'zip-'))
  undo(() => rm(dir, { recursive: true }))
  return dir
}

/** Another program’s view of an archive: it checks every checksum, and lists names, sizes and modes. */
const LIST = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for i in archive.infolist():
        print(i.filename, i.file_size, oct(i.external_attr >> 16), i.compress_type, archive.read(i)[:4])
`

test('another program reads the archive: names, contents, modes; what does not shrink is stored', async () => {
  const dir = await scratch()
  await writeFile(join(dir, 'file'), 'x'.repeat(1000))
  const target = join(dir, 'a.zip')
  const size = await writeZip(target, [
    { path: 'a/page.html', content: join(dir, 'file') },
    { path: '说明.md', content: Buffer.from('abc') },
    { path: 'serve.py', content: Buffer.from('#!/'), executable: true },
    { path: 'empty', content: new Uint8Array() },
  ])
  expect((await stat(target)).size).toBe(size)
  expect((await runText('python3', ['-c', LIST, target])).trim().split('\n')).toEqual([
    "a/page.html 1000 0o100644 8 b'xxxx'",
    "说明.md 3 0o100644 0 b'abc'",
    "serve.py 3 0o100755 0 b'#!/'",
    "empty 0 0o100644 0 b''",
  ])
})

test('the same files make the same archive', async () => {
  const dir = await scratch()
  const make = async (name: string) => {
    await writeZip(join(dir, name), [{ path: 'a', content: Buffer.from('abc') }])
    return readFile(join(dir, name))
  }
  expect(await make('one.zip')).toEqual(await make('two.zip'))
})
