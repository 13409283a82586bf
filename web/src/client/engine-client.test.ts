import type { RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import { httpOverStreams } from '../../../test/support/http-over-streams.ts'
import { EngineClient } from './engine-client.ts'
import { HttpTransport } from './http-transport.ts'
import { demuxLogs } from './log-demux.ts'

const clientTo = (listener: RequestListener) =>
  new EngineClient(new HttpTransport(httpOverStreams(listener).open))
const encode = (text: string) => new TextEncoder().encode(text)

async function* pieces(...chunks: Uint8Array[]) {
  yield* chunks
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const frame = (stream: number, text: string) =>
  new Uint8Array([stream, 0, 0, 0, 0, 0, 0, encode(text).length, ...encode(text)])

describe('errors', () => {
  test.each([
    [404, 'not-found'],
    [409, 'conflict'],
    [500, 'internal'],
    [503, 'unavailable'],
  ])("status %d carries Docker's message as %s", async (status, code) => {
    const client = clientTo((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end('{"message":"No such container: x"}')
    })
    await expect(client.containers.inspect('x')).rejects.toMatchObject({
      code,
      message: 'No such container: x',
    })
  })

  test('an error that is not JSON is shown as it is', async () => {
    const client = clientTo((_request, response) => void response.writeHead(400).end('page not found'))
    await expect(client.version()).rejects.toMatchObject({ code: 'invalid', message: 'page not found' })
  })

  test('starting what runs already is no error', async () => {
    const client = clientTo((_request, response) => void response.writeHead(304).end())
    await expect(client.containers.start('x')).resolves.toBeUndefined()
  })

  test('an error line in a pull ends it', async () => {
    const client = clientTo((_request, response) => {
      response.write('{"status":"Pulling from library/busybox","id":"latest"}\r\n')
      response.end('{"error":"manifest unknown","errorDetail":{"message":"manifest unknown: nope"}}\n')
    })
    await expect(collect(client.images.pull('busybox:nope'))).rejects.toThrow('manifest unknown: nope')
  })
})

describe('paths', () => {
  test('an image reference keeps its slashes, colon and at sign', async () => {
    const client = clientTo((request, response) => void response.end(JSON.stringify({ path: request.url })))
    const answer = await client.images.inspect('registry.local:5000/a/b:1@sha256:00')
    expect(answer).toEqual({ path: '/images/registry.local:5000/a/b:1@sha256:00/json' })
  })
})

describe('streams', () => {
  test('events are told apart from the moment of listening', async () => {
    const client = clientTo((_request, response) => {
      response.flushHeaders()
      response.end('{"Type":"container","Action":"start"}\n{"Type":"image","Action":"pull"}\n')
    })
    const order: string[] = []
    for await (const event of client.events(new AbortController().signal, () => order.push('open'))) {
      order.push(event.Action)
    }
    expect(order).toEqual(['open', 'start', 'pull'])
  })

  test('log frames may be split anywhere', async () => {
    const bytes = new Uint8Array([...frame(1, 'out\n'), ...frame(2, ''), ...frame(2, 'err\n')])
    for (let at = 0; at <= bytes.length; at++) {
      const chunks = await collect(demuxLogs(pieces(bytes.slice(0, at), bytes.slice(at))))
      const text = (stream: string) =>
        chunks
          .filter((chunk) => chunk.stream === stream)
          .map((chunk) => new TextDecoder().decode(chunk.bytes))
          .join('')
      expect([text('stdout'), text('stderr')], `split at ${at}`).toEqual(['out\n', 'err\n'])
    }
  })

  test('what is not a log frame is refused', async () => {
    await expect(collect(demuxLogs(pieces(encode('plain text log'))))).rejects.toMatchObject({
      code: 'corrupt',
    })
    await expect(collect(demuxLogs(pieces(frame(1, 'cut').slice(0, 5))))).rejects.toThrow(/middle of a frame/)
  })
})
