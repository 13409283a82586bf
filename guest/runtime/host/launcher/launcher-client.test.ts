/** A launcher that hangs up: whoever asked learns it, and nobody else. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { HostPlan, LaunchPlan } from '../../plan/plan.ts'
import { SocketLauncherClient } from './launcher-client.ts'

const plan: HostPlan = { steps: [{ op: 'mkdir', path: `/${'x'.repeat(200_000)}`, mode: 0o755 }] }
const launch: LaunchPlan = {
  ...{ id: 'web', shim: [], init: [], socketPath: '/s', exitPath: '/e' },
  io: { terminal: false, stdin: false, stdinOnce: false, holdOutput: false },
}

/** A client of a launcher that does this with each connection. */
async function clientOf(serve: (socket: Socket) => void): Promise<SocketLauncherClient> {
  const directory = await mkdtemp(join(tmpdir(), 'porthole-hang-up-'))
  const socketPath = join(directory, 'launcher.sock')
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const unhandled: unknown[] = []
  const note = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    await rm(directory, { recursive: true })
    expect(unhandled).toEqual([])
  })
  return new SocketLauncherClient({ socketPath, shimDir: directory })
}

async function* input(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 100; i++) yield new Uint8Array(100_000)
}

test.each<[when: string, serve: (socket: Socket) => void]>([
  ['at once', (socket) => void socket.destroy()],
  ['politely', (socket) => void socket.resume().end()],
  ['in the middle of the plan', (socket) => void socket.once('data', () => socket.destroy())],
])('a launcher that hangs up %s is unavailable', async (_, serve) => {
  const client = await clientOf(serve)
  const unavailable = { code: 'unavailable' }
  await expect(client.run(plan)).rejects.toMatchObject(unavailable)
  await expect(client.stream(plan)).rejects.toMatchObject(unavailable)
  await expect(client.stream(plan, input())).rejects.toMatchObject(unavailable)
  await expect(client.launch(launch)).rejects.toMatchObject(unavailable)
})
