import { expect, test } from 'vitest'
import { runDocker } from '../dispatch.ts'
import { requestLine } from '../../testing/cli/canned-engine.ts'
import { CannedTransport, noSocket } from '../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../testing/cli/memory-session.ts'

async function requestsOf(...argv: string[]): Promise<string[]> {
  const transport = new CannedTransport(() => 0)
  const services = { transport, files: memoryCliFiles({}), dial: noSocket, now: () => 0 }
  await runDocker(new MemorySession({ argv }), services)
  return transport.requests.map(requestLine)
}

// The recorded client is older than these flags, or hides them: the sources are docker/cli 28.5, image/save.go and
// volume/create.go.
test('docker save asks for the platform given', async () => {
  const [request] = await requestsOf('save', '--platform', 'linux/amd64', 'busybox')
  expect(decodeURIComponent(request!)).toBe(
    'GET /images/busybox/get?platform={"architecture":"amd64","os":"linux"}',
  )
})

test('docker volume create takes its name from --name too', async () => {
  expect(await requestsOf('volume', 'create', '--name', 'data')).toEqual([
    'POST /volumes/create {"Driver":"local","Name":"data"}',
  ])
})
