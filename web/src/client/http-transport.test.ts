import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { httpOverStreams, type StreamServer } from '../../../test/support/http-over-streams.ts'
import { readText } from '../../../guest/vocabulary/engine-client/body.ts'
import { HttpTransport } from './http-transport.ts'

/** A promise that a server's handler resolves. */
function signal() {
  let resolve!: () => void
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}

let running: StreamServer | undefined
afterEach(() => running?.server.closeAllConnections())

function transportTo(...[listener]: Parameters<typeof httpOverStreams>) {
  const server = httpOverStreams(listener)
  running = server
  const clock = { now: 0 }
  return { transport: new HttpTransport(server.open, () => clock.now), server, clock }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  return readText(request as AsyncIterable<Uint8Array>, 1 << 20)
}

describe('requests', () => {
  test('path, query and JSON body reach the server as they were given', async () => {
    const { transport } = transportTo(async (request, response) => {
      response.end(JSON.stringify([request.method, request.url, await bodyOf(request)]))
    })
    const { status, body } = await transport.request({
      method: 'POST',
      path: '/containers/create',
      query: { name: 'a b&c', size: undefined, all: true },
      body: { json: { Image: '镜像' } },
    })
    expect(status).toBe(200)
    expect(JSON.parse(await readText(body, 1000))).toEqual([
      'POST',
      '/containers/create?name=a%20b%26c&all=true',
      '{"Image":"镜像"}',
    ])
  })

  test('a streamed body arrives whole, and its answer streams', async () => {
    const { transport } = transportTo((request, response) => void request.pipe(response))
    const piece = new Uint8Array(70_000).fill(7)
    async function* pieces() {
      for (let i = 0; i < 5; i++) yield piece
      yield new Uint8Array(0)
    }
    const { body } = await transport.request({
      method: 'PUT',
      path: '/x',
      body: { bytes: pieces(), contentType: 'application/x-tar' },
    })
    let length = 0
    for await (const chunk of body) length += chunk.length
    expect(length).toBe(5 * piece.length)
  })

  test('a header or path that would break out of its line is refused', async () => {
    const { transport } = transportTo((_request, response) => void response.end())
    const evil = transport.request({ method: 'GET', path: '/x', headers: { A: 'b\r\nC: d' } })
    await expect(evil).rejects.toMatchObject({ code: 'invalid' })
    await expect(transport.request({ method: 'GET', path: '/x y' })).rejects.toMatchObject({
      code: 'invalid',
    })
  })
})

describe('connections', () => {
  test('one after another use the same connection', async () => {
    const { transport, server } = transportTo((_request, response) => void response.end('x'))
    for (let i = 0; i < 3; i++)
      await readText((await transport.request({ method: 'GET', path: '/' })).body, 10)
    expect(server.connections).toBe(1)
  })

  test('requests under way at once have a connection each', async () => {
    const { transport, server } = transportTo((_request, response) => void response.end('x'))
    const answers = await Promise.all([1, 2, 3].map(() => transport.request({ method: 'GET', path: '/' })))
    expect(await Promise.all(answers.map(({ body }) => readText(body, 10)))).toEqual(['x', 'x', 'x'])
    expect(server.connections).toBe(3)
  })

  test('a connection that has been idle for long is not used again', async () => {
    const { transport, server, clock } = transportTo((_request, response) => void response.end('x'))
    await readText((await transport.request({ method: 'GET', path: '/' })).body, 10)
    clock.now = 3000
    await readText((await transport.request({ method: 'GET', path: '/' })).body, 10)
    expect(server.connections).toBe(2)
  })

  test('a connection whose server hung up is not used again', async () => {
    const { transport, server } = transportTo((_request, response) => {
      response.setHeader('Connection', 'close')
      response.end('x')
    })
    for (let i = 0; i < 2; i++)
      await readText((await transport.request({ method: 'GET', path: '/' })).body, 10)
    expect(server.connections).toBe(2)
  })

  test('leaving a body early resets its connection, and the next request works', async () => {
    const aborted = signal()
    const { transport, server } = transportTo((request, response) => {
      if (request.url === '/short') return void response.end('y')
      response.on('close', () => aborted.resolve())
      response.write('first')
    })
    const { body } = await transport.request({ method: 'GET', path: '/endless' })
    for await (const chunk of body) {
      expect(new TextDecoder().decode(chunk)).toBe('first')
      break
    }
    await aborted.promise
    expect(await readText((await transport.request({ method: 'GET', path: '/short' })).body, 10)).toBe('y')
    expect(server.connections).toBe(2)
  })

  test('aborting rejects the reader with the reason and resets the stream', async () => {
    const aborted = signal()
    const { transport } = transportTo((_request, response) => {
      response.on('close', () => aborted.resolve())
      response.write('first')
    })
    const controller = new AbortController()
    const { body } = await transport.request({ method: 'GET', path: '/', signal: controller.signal })
    const reader = body[Symbol.asyncIterator]()
    await reader.next()
    const next = reader.next()
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    await aborted.promise
  })

  test('an already aborted request opens nothing', async () => {
    const { transport, server } = transportTo((_request, response) => void response.end())
    const request = transport.request({
      method: 'GET',
      path: '/',
      signal: AbortSignal.abort(new Error('no')),
    })
    await expect(request).rejects.toThrow('no')
    expect(server.connections).toBe(0)
  })

  test('a server that dies mid-answer rejects the reader', async () => {
    const { transport } = transportTo((_request, response) => {
      response.write('partial', () => response.destroy())
    })
    const { body } = await transport.request({ method: 'GET', path: '/' })
    await expect(readText(body, 100)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('upgrade', () => {
  test('gives the raw stream from its first byte on', async () => {
    const { transport, server } = transportTo(() => {})
    server.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello ')
      socket.pipe(socket)
    })
    const { stream } = await transport.upgrade({ method: 'POST', path: '/exec/1/start', body: { json: {} } })
    await stream.write(new TextEncoder().encode('echo'))
    let text = ''
    while (!text.endsWith('echo')) text += new TextDecoder().decode((await stream.read())!)
    expect(text).toMatch(/^hello .*echo$/)
    stream.reset('test over')
  })

  test("a refusal is Docker's own error", async () => {
    const { transport, server } = transportTo(() => {})
    server.server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 32\r\n\r\n{"message":"No such exec: 1234"}')
    })
    const attempt = transport.upgrade({ method: 'POST', path: '/exec/1/start' })
    await expect(attempt).rejects.toMatchObject({ code: 'not-found', message: 'No such exec: 1234' })
  })
})
