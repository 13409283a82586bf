import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTar } from '../../support/make-tar.ts'
import { tarNames, tarText } from '../../support/tar-contents.ts'
import { says, type TestcontainersBench } from '../../support/testcontainers-bench.ts'

export function describeFiles(bench: TestcontainersBench): void {
  describe('files go into a container', () => {
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'testcontainers-'))
      await mkdir(join(folder, 'dir/sub'), { recursive: true })
      await writeFile(join(folder, 'file'), 'from a file\n')
      await writeFile(join(folder, 'dir/sub/deep'), 'deep\n')
    })
    afterAll(() => rm(folder, { recursive: true }))

    test('before it starts: a file, with its mode', async () => {
      const file = { source: join(folder, 'file'), target: '/put/file', mode: 0o640 }
      const container = await bench.start((it) => it.withCopyFilesToContainer([file]))
      expect(await says(container, 'cat /put/file; stat -c %a /put/file')).toBe('from a file\n640')
    })

    test('before it starts: a directory', async () => {
      const directory = { source: join(folder, 'dir'), target: '/put' }
      const container = await bench.start((it) => it.withCopyDirectoriesToContainer([directory]))
      expect(await says(container, 'cat /put/sub/deep')).toBe('deep')
    })

    test('before it starts: text, bytes and a stream', async () => {
      const contents = [
        { content: 'text\n', target: '/text' },
        { content: Buffer.from([0, 1, 2]), target: '/bytes' },
        { content: Readable.from(['str', 'eam']), target: '/stream', mode: 0o600 },
      ]
      const container = await bench.start((it) => it.withCopyContentToContainer(contents))
      expect(await says(container, 'cat /text; wc -c < /bytes; cat /stream')).toBe('text\n3\nstream')
    })

    test('before it starts: an archive', async () => {
      const tar = Readable.from([Buffer.from(makeTar([{ name: 'in/tar', content: 'packed\n' }]))])
      const container = await bench.start((it) => it.withCopyArchivesToContainer([{ tar, target: '/tmp' }]))
      expect(await says(container, 'cat /tmp/in/tar')).toBe('packed')
    })

    test('in time for its command', async () => {
      const container = await bench.start((it) =>
        it
          .withCopyContentToContainer([{ content: 'echo ran > /ran; sleep 1000000', target: '/script' }])
          .withCommand(['sh', '/script']),
      )
      expect(await says(container, 'until [ -s /ran ]; do :; done; cat /ran')).toBe('ran')
    })

    test('while it runs', async () => {
      const container = await bench.start()
      await container.copyFilesToContainer([{ source: join(folder, 'file'), target: '/late/file' }])
      await container.copyDirectoriesToContainer([{ source: join(folder, 'dir'), target: '/late/dir' }])
      await container.copyContentToContainer([{ content: 'late\n', target: '/late/content' }])
      expect(await says(container, 'cat /late/file /late/dir/sub/deep /late/content')).toBe(
        'from a file\ndeep\nlate',
      )
    })

    test('while it runs: an archive, with its owners', async () => {
      const container = await bench.start()
      const bytes = Buffer.from(makeTar([{ name: 'owned', content: 'x', uid: 7, gid: 8 }]))
      await container.copyArchiveToContainer(Readable.from([bytes]), '/tmp', { copyUIDGID: true })
      expect(await says(container, 'stat -c %u:%g /tmp/owned')).toBe('7:8')
    })

    test('unless that would replace a directory', async () => {
      const container = await bench.start()
      const bytes = Buffer.from(makeTar([{ name: 'etc', content: 'x' }]))
      const put = container.copyArchiveToContainer(Readable.from([bytes]), '/', {
        noOverwriteDirNonDir: true,
      })
      await expect(put).rejects.toThrow('cannot overwrite directory')
    })
  })

  describe('files come out of a container', () => {
    test('as an archive of a file', async () => {
      const container = await bench.start()
      await says(container, 'echo out > /tmp/out')
      expect(await tarText(await container.copyArchiveFromContainer('/tmp/out'), 'out')).toBe('out\n')
    })

    test('as an archive of a directory', async () => {
      const container = await bench.start()
      await says(container, 'mkdir -p /tmp/d/e; touch /tmp/d/e/f')
      expect((await tarNames(await container.copyArchiveFromContainer('/tmp/d'))).sort()).toEqual([
        'd/',
        'd/e/',
        'd/e/f',
      ])
    })

    test('unless they are not there', async () => {
      const container = await bench.start()
      await expect(container.copyArchiveFromContainer('/nope')).rejects.toThrow(
        `Could not find the file /nope in container ${container.getId()}`,
      )
    })
  })
}
