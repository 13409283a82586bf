import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { nodeCliFiles } from '../../host/files/cli-files.ts'
import { FakeLauncherClient, FakeMachine } from '../../testing/launcher-fake.ts'
import type { CliContext } from './context.ts'
import { checkOutputFile } from './output-path.ts'

const directory = mkdtempSync(join(tmpdir(), 'porthole-output-'))
afterAll(() => rmSync(directory, { recursive: true }))
writeFileSync(join(directory, 'file'), 'old')
symlinkSync('file', join(directory, 'link'))
symlinkSync('.', join(directory, 'here'))
execFileSync('mkfifo', [join(directory, 'pipe')])

const files = nodeCliFiles(new FakeLauncherClient(new FakeMachine()))
const context = { files, session: { cwd: directory } } as unknown as CliContext

test.each([
  ['nodir/x', 'invalid output path: stat nodir: no such file or directory'],
  ['nodir/../no/x', 'invalid output path: stat no: no such file or directory'],
  ['file/x', 'invalid output path: stat file: not a directory'],
  ['.', 'cannot write to a directory'],
  ['link', 'cannot write to a symbolic link directly'],
  ['pipe', 'cannot write to a named pipe (FIFO)'],
  ['/dev/null', 'cannot write to a character device file'],
])('%s is no file to write to', async (path, why) => {
  await expect(checkOutputFile(context, path, 'failed to save image')).rejects.toThrow(
    `failed to save image: ${why}`,
  )
})

test.each(['file', 'new', 'here/new', './new'])('%s is', async (path) => {
  await checkOutputFile(context, path, 'failed to save image')
})

test('what is written can be read by its owner alone', async () => {
  const path = join(directory, 'file')
  await files.writeStream(
    path,
    (async function* () {
      yield Buffer.from('new')
    })(),
  )
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o600])
})
