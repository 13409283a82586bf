import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectToUnixSocket } from './unix-connection.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'porthole-socket-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

it('goes on being read after its own end', async () => {
  const path = join(folder, 'engine.sock')
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let heard = ''
    socket.on('data', (chunk) => (heard += chunk.toString()))
    socket.on('end', () => socket.end(`heard ${heard}`))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const stream = await connectToUnixSocket(path)
  await stream.write(Buffer.from('a question'))
  await stream.end()
  expect(Buffer.from((await stream.read())!).toString()).toBe('heard a question')
  expect(await stream.read()).toBeNull()
  server.close()
})

it('says which socket nobody listens on', async () => {
  const path = join(folder, 'none.sock')
  await expect(connectToUnixSocket(path)).rejects.toMatchObject({
    code: 'unavailable',
    message: `dial unix ${path}: connect ENOENT ${path}`,
  })
})
