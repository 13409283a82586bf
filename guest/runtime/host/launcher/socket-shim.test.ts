import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { ShimSocket } from './shim-socket.ts'
import { SocketShim } from './socket-shim.ts'

let folder: string
let server: Server
let accepted: Promise<Socket>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shim-'))
  server = createServer()
  accepted = new Promise((resolve) => server.once('connection', resolve))
  await new Promise<void>((resolve) => server.listen(join(folder, 'sock'), resolve))
})

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

async function connectedShim(): Promise<{ shim: SocketShim; closed: Promise<void> }> {
  const paths = { socketPath: join(folder, 'sock'), exitPath: join(folder, 'exit') }
  const shim = new SocketShim('c1', paths, ({ op }) => new EngineError('internal', op))
  let settle = (): void => undefined
  const closed = new Promise<void>((resolve) => (settle = resolve))
  const socket = await ShimSocket.open(paths.socketPath, {
    message: (message) => shim.receive(message),
    closed: (error) => void shim.closed(error).then(settle),
  })
  shim.connected(socket, true)
  return { shim, closed }
}

it('takes a shim that leaves while it is signalled for one whose process has ended', async () => {
  const { shim, closed } = await connectedShim()
  const far = await accepted
  const unhandled: unknown[] = []
  const note = (reason: unknown): unknown => unhandled.push(reason)
  process.on('unhandledRejection', note)
  await new Promise((resolve) => far.destroy().once('close', resolve))
  // The client has not heard of the end yet: its frame meets a closed connection.
  await expect(shim.signal(15)).rejects.toMatchObject({ code: 'conflict' })
  await closed
  await expect(shim.signal(9)).rejects.toMatchObject({ code: 'conflict' })
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

it('tells a shim that has left from one that cannot be reached for another reason', async () => {
  const shimAt = (socketPath: string) =>
    new SocketShim('c1', { socketPath, exitPath: '' }, ({ op }) => new EngineError('internal', op))
  const attach = (path: string) => shimAt(path).attach({ stdin: false })
  await expect(attach(join(folder, 'gone'))).rejects.toMatchObject({ code: 'conflict' })
  await expect(attach('/dev/null/sock')).rejects.toMatchObject({ code: 'internal' })
})
