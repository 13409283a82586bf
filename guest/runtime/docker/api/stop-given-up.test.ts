/** A client that goes away does not call a stop off: moby, daemon/stop.go (context.WithoutCancel). */
import { request } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listenOnUnixSocket } from '../../host/net/unix-listener.ts'
import { testApi } from '../../testing/test-api.ts'
import { startContainer } from '../container/start-container.ts'
import { httpServer } from './http-adapter.ts'

async function listening() {
  const { engine, router } = testApi()
  const directory = await mkdtemp(join(tmpdir(), 'porthole-stop-'))
  const socketPath = join(directory, 'docker.sock')
  const server = httpServer(router, (_, error) => void engine.reported.push(error))
  await listenOnUnixSocket(server, socketPath)
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(directory, { recursive: true })
  })
  return { engine, server, socketPath }
}

test.each([
  ['stop', 'exited', [15, 9]],
  ['restart', 'running', [15, 9]],
])('a %s whose client goes away still kills after its time-out', async (action, status, signals) => {
  const { engine, server, socketPath } = await listening()
  const container = await engine.create({}, 'web')
  await startContainer(engine.context, container)
  const process = engine.machine.process(container.id)
  const connected = new Promise<NodeJS.EventEmitter>((resolve) => server.once('connection', resolve))
  const call = request({ socketPath, method: 'POST', path: `/containers/web/${action}?t=3` })
  call.on('error', () => undefined)
  call.end()
  const left = new Promise((resolve) => void connected.then((socket) => socket.once('end', resolve)))
  await expect.poll(() => [process.signals, engine.clock.pending]).toEqual([[15], 1])
  call.destroy()
  await left
  engine.clock.advance(3000)
  await expect.poll(() => container.record.state.status).toBe(status)
  expect(process.signals).toEqual(signals)
  expect(process.exit).toMatchObject({ exitCode: 137 })
  expect(engine.reported).toEqual([])
})
