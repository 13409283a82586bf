import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { byteStreamPair } from '../../../../test/support/byte-stream-pair.ts'
import { relayTcp } from './tcp-relay.ts'

let server: Server | undefined

afterEach(() => {
  server?.close()
  server = undefined
})

async function listen(host: string): Promise<number> {
  server = createServer((socket) => socket.end('hello'))
  server.listen({ host, port: 0, ipv6Only: true })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test.each(['127.0.0.1', '::1'])('a port that listens on %s alone is found', async (host) => {
  const port = await listen(host)
  const [near, far] = byteStreamPair()
  const relayed = relayTcp({ port }, far)
  expect(new TextDecoder().decode((await near.read())!)).toBe('hello')
  await near.end()
  await relayed
})

test('a port that nobody listens on is unavailable, by the name of the first address', async () => {
  const port = await listen('127.0.0.1')
  server!.close()
  await once(server!, 'close')
  const [, far] = byteStreamPair()
  await expect(relayTcp({ port }, far)).rejects.toMatchObject({
    code: 'unavailable',
    message: `nothing listens on 127.0.0.1:${port}`,
  })
})
