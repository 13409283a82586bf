import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PortProxy, type ProxiedPort } from './port-proxy.ts'

let proxy: PortProxy
let opened: ProxiedPort[]
let container: Server

beforeEach(async () => {
  proxy = new PortProxy()
  opened = []
  container = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  container.listen(0, '127.0.0.1')
  await once(container, 'listening')
})

afterEach(async () => {
  proxy.close(opened)
  container.close()
  await once(container, 'close')
})

/** A port that is free on both families right now. */
async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '::')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

async function publish(protocol: 'tcp' | 'udp', port: number): Promise<ProxiedPort> {
  const made = { protocol, hostAddress: '::', hostPort: await freePort(), address: '127.0.0.1', port }
  opened.push(made)
  await proxy.open([made])
  return made
}

test('bytes go both ways, and the end of one direction leaves the other open', async () => {
  const { hostPort } = await publish('tcp', (container.address() as AddressInfo).port)
  const socket = connect({ host: '::1', port: hostPort, allowHalfOpen: true })
  socket.end('hello')
  expect(await text(socket)).toBe('hello')
})

test('IPv4 is not listened on: there the kernel translates', async () => {
  const { hostPort } = await publish('tcp', (container.address() as AddressInfo).port)
  const [error] = (await once(connect({ host: '127.0.0.1', port: hostPort }), 'error')) as [{ code: string }]
  expect(error.code).toBe('ECONNREFUSED')
})

test('a container that does not listen ends the connection', async () => {
  const { hostPort } = await publish('tcp', await freePort())
  await once(connect({ host: '::1', port: hostPort }), 'close')
})

test('datagrams come back to the client that asked', async () => {
  const echo = createSocket('udp4')
  echo.on('message', (message, from) => echo.send(message, from.port, from.address))
  echo.bind(0, '127.0.0.1')
  await once(echo, 'listening')
  const { hostPort } = await publish('udp', echo.address().port)
  const clients = ['one', 'two'].map((name) => ({ name, socket: createSocket('udp6') }))
  for (const { name, socket } of clients) {
    const answer = once(socket, 'message')
    socket.send(name, hostPort, '::1')
    expect(String((await answer)[0])).toBe(name)
    socket.close()
  }
  echo.close()
})

test('a port that another has is refused with Docker’s sentence, and none of its fellows stays open', async () => {
  const taken = await publish('tcp', 80)
  const fellow = { ...taken, hostPort: await freePort() }
  const other = new PortProxy()
  await expect(other.open([fellow, taken])).rejects.toMatchObject({
    code: 'internal',
    message: `failed to bind host port for [::]:${taken.hostPort}:127.0.0.1:80/tcp: address already in use`,
  })
  await other.open([fellow])
  other.close([fellow])
})

test('a port that is open already is refused, and its connections go on', async () => {
  const made = await publish('tcp', (container.address() as AddressInfo).port)
  const socket = connect({ host: '::1', port: made.hostPort, allowHalfOpen: true })
  await once(socket, 'connect')
  await expect(proxy.open([made])).rejects.toMatchObject({
    message: expect.stringContaining('address already in use'),
  })
  socket.end('still here')
  expect(await text(socket)).toBe('still here')
})

test('closing ends connections, and what was never open is passed over', async () => {
  const made = await publish('tcp', (container.address() as AddressInfo).port)
  const socket = connect({ host: '::1', port: made.hostPort })
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  socket.on('error', () => undefined)
  proxy.close([made, { ...made, hostPort: 1 }])
  await closed
})
