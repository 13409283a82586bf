import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect, createServer as createSocketServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { byteStreamContract } from '../../../../test/contract/byte-stream.ts'
import { byteStreamOf, duplexOf } from './node-stream.ts'

const folder = mkdtempSync(join(tmpdir(), 'node-stream-'))
afterAll(() => rmSync(folder, { recursive: true }))
let sockets = 0

async function socketPair(): Promise<[Socket, Socket]> {
  const path = join(folder, `${sockets++}.sock`)
  const server = createSocketServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const socket = connect({ path, allowHalfOpen: true })
  const pair: [Socket, Socket] = [socket, await accepted]
  server.close()
  return pair
}

byteStreamContract('a socket as a stream', {
  async connect() {
    const [a, b] = await socketPair()
    return [byteStreamOf(a), byteStreamOf(b)]
  },
  buffered: 8_000_000,
  carriesReset: false,
})

byteStreamContract('a stream as a Duplex as a stream', {
  async connect() {
    const [a, b] = await socketPair()
    return [byteStreamOf(duplexOf(byteStreamOf(a))), byteStreamOf(b)]
  },
  buffered: 8_000_000,
  carriesReset: false,
})

describe('a stream as a Duplex', () => {
  it('is a connection that an HTTP server serves', async () => {
    const body = randomBytes(500_000)
    const server = createServer((incoming, response) => {
      incoming.pipe(response)
    })
    const [here, there] = await socketPair()
    server.emit('connection', duplexOf(byteStreamOf(there)))
    const echoed = await new Promise<Buffer>((resolve, reject) => {
      const call = request({ method: 'POST', createConnection: () => here }, (response) => {
        const chunks: Buffer[] = []
        response
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => resolve(Buffer.concat(chunks)))
      })
      call.on('error', reject).end(body)
    })
    expect(echoed.equals(body)).toBe(true)
    here.destroy()
  })
})
