import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { forwardDns } from './dns-forwarder.ts'

let server: Socket | undefined

afterEach(() => void server?.close())

async function serve(answer: (query: Buffer) => Buffer[]): Promise<number> {
  server = createSocket('udp4')
  server.on('message', (query, from) => {
    for (const one of answer(query)) server!.send(one, from.port, from.address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

test('the answer with the query’s id is taken, another is passed over', async () => {
  const port = await serve((query) => [
    Buffer.of(9, 9, 1),
    Buffer.concat([query.subarray(0, 2), Buffer.of(7)]),
  ])
  expect(await forwardDns(Uint8Array.of(1, 2, 3), '127.0.0.1', port)).toEqual(Uint8Array.of(1, 2, 7))
})

test('a server that is not there is an error that names it', async () => {
  const port = await serve(() => [])
  server!.close()
  server = undefined
  await expect(forwardDns(Uint8Array.of(1, 2), '127.0.0.1', port)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('DNS server 127.0.0.1'),
  })
})
