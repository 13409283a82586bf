import { expect, test } from 'vitest'
import { CannedTransport, noSocket } from '../../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../../testing/cli/memory-session.ts'
import { runDocker } from '../../dispatch.ts'

const ORPHANS =
  'Found orphan containers ([web db job]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.'

/** docker-compose 2.26.1 writes these lines when it talks to the same engine. */
test('docker compose run tells of the network that it makes, on stderr, and not of its own container', async () => {
  const files = memoryCliFiles({ '/project/compose.yaml': 'services:\n  s: {image: nginx}\n' })
  const session = new MemorySession({ argv: ['compose', 'run', '--rm', '-T', 's', 'true'], cwd: '/project' })
  const transport = new CannedTransport(() => 0)
  expect(await runDocker(session, { transport, files, dial: noSocket, now: () => 0 })).toBe(0)
  expect(session.stdout.text).toBe('out\n')
  expect(session.stderr.text.replace(/^time="[^"]*"/m, 'time="…"')).toBe(
    [
      ' Network project_default  Creating',
      ' Network project_default  Created',
      `time="…" level=warning msg="${ORPHANS}"`,
      'err',
      '',
    ].join('\n'),
  )
})
