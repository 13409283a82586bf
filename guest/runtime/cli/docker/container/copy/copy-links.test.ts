import { expect, test } from 'vitest'
import { runDocker } from '../../../dispatch.ts'
import { CannedTransport, noSocket } from '../../../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../../../testing/cli/memory-session.ts'

/**
 * Copies out of a directory where `/tmp/l` is a link to the directory `/tmp/d`.
 * @returns what was packed, and under which name
 */
async function packed(source: string, destination: string, ...flags: string[]): Promise<string[]> {
  const memory = memoryCliFiles({ '/tmp/d/file': '' })
  const packs: string[] = []
  const files = {
    ...memory,
    realPath: async (path: string) => path.replace(/^\/tmp\/l(?=\/|$)/, '/tmp/d'),
    stat: async (path: string, follow: boolean) =>
      path === '/tmp/l' && !follow
        ? ({ kind: 'link', size: 1 } as const)
        : ({ kind: 'directory', size: 0 } as const),
    archives: {
      ...memory.archives,
      pack: async (path: string, name: string) => {
        packs.push(path, name)
        return (async function* () {})()
      },
    },
  }
  const session = new MemorySession({ argv: ['cp', ...flags, source, `web:${destination}`] })
  const transport = new CannedTransport(() => 0)
  await runDocker(session, { transport, files, dial: noSocket, now: () => 0 })
  expect(session.stderr.text).toBe('')
  return packs
}

test('docker cp copies a link as it is', async () => {
  expect(await packed('l', '/new')).toEqual(['/tmp/l', 'new'])
})

test('docker cp follows a link whose name ends in a slash, and keeps its name', async () => {
  expect(await packed('l/', '/new')).toEqual(['/tmp/d/', 'new'])
  expect(await packed('l/', '/etc')).toEqual(['/tmp/d/', 'l'])
})

test('docker cp takes the content of the directory that a link leads to', async () => {
  expect(await packed('l/.', '/etc')).toEqual(['/tmp/d/.', '.'])
})
