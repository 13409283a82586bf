import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect, createServer as createSocketServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
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

async function textOf(stream: ByteStream): Promise<string> {
  let text = ''
  for (let chunk = await stream.read(); chunk; chunk = await stream.read())
    text += Buffer.from(chunk).toString()
  return text
}

describe('a stream as a Duplex', () => {
  it('is taken apart with what it had read, was reading and was writing', async () => {
    const [a, b] = await socketPair()
    const near = byteStreamOf(a)
    const duplex = duplexOf(byteStreamOf(b))
    const readable = once(duplex, 'readable')
    await near.write(Buffer.from('two '))
    await readable
    duplex.unshift(Buffer.from('one '))
    duplex.write('first ')
    duplex.write('second ')
    const apart = byteStreamOf(duplex)
    const closed = once(duplex, 'close')
    const said = [apart.write(Buffer.from('third ')), apart.write(Buffer.from('fourth')), apart.end()]
    await near.write(Buffer.from('three'))
    await near.end()
    expect(await textOf(apart)).toBe('one two three')
    expect(await textOf(near)).toBe('first second third fourth')
    await Promise.all([...said, closed])
  })

  it('reads on when more is asked for while it hands out what it has', async () => {
    const [a, b] = await socketPair()
    const near = byteStreamOf(a)
    const duplex = duplexOf(byteStreamOf(b))
    let text = ''
    duplex.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      duplex.read(0)
    })
    const ended = once(duplex, 'end')
    await near.write(Buffer.from('one '))
    await near.write(Buffer.from('two'))
    await near.end()
    await ended
    expect(text).toBe('one two')
    duplex.destroy()
  })

  it('is taken apart by whom it hands its bytes to', async () => {
    const [a, b] = await socketPair()
    const near = byteStreamOf(a)
    const duplex = duplexOf(byteStreamOf(b))
    const taken = new Promise<ByteStream>((resolve) =>
      duplex.once('data', () => {
        duplex.pause()
        resolve(byteStreamOf(duplex))
      }),
    )
    await near.write(Buffer.from('head'))
    const apart = await taken
    await near.write(Buffer.from('rest'))
    await near.end()
    expect(await textOf(apart)).toBe('rest')
    duplex.destroy()
  })

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
