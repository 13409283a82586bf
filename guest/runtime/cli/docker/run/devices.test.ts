import { expect, test } from 'vitest'
import { EngineError } from '../../../../protocol/errors.ts'
import { CannedTransport, noSocket } from '../../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../../testing/cli/memory-session.ts'
import { runDocker } from '../../dispatch.ts'

test.each([
  [new EngineError('not-found', 'cannot read /tmp/x: ENOENT'), 'open x: no such file or directory'],
  [new EngineError('internal', 'cannot read /tmp/x: EISDIR'), 'cannot read /tmp/x: EISDIR'],
])('a seccomp profile that cannot be opened (%s) says why', async (failure, reason) => {
  const session = new MemorySession({ argv: ['create', '--security-opt', 'seccomp=x', 'busybox'] })
  const files = { ...memoryCliFiles(), readText: () => Promise.reject(failure) }
  await runDocker(session, { transport: new CannedTransport(() => 0), files, dial: noSocket, now: () => 0 })
  expect(session.stderr.text).toContain(`opening seccomp profile (x) failed: ${reason}`)
})
