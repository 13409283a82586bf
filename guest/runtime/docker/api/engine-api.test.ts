import { EngineError } from '../../../protocol/errors.ts'
import { getEventListeners, once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { listenOnUnixSocket } from '../../host/net/unix-listener.ts'
import { httpServer } from './http-adapter.ts'
import { collect } from '../../testing/collect.ts'
import { testApi } from '../../testing/test-api.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function listening() {
  const { engine, router } = testApi()
  const directory = await mkdtemp(join(tmpdir(), 'porthole-api-'))
  const socketPath = join(directory, 'docker.sock')
  const server = httpServer(router, (_, error) => void engine.reported.push(error))
  await listenOnUnixSocket(server, socketPath)
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(directory, { recursive: true })
  })
  const call = async (method: string, path: string, body?: string | Buffer) => {
    const request = httpRequest({ socketPath, method, path, headers: { 'content-type': 'application/json' } })
    const sent = new Promise<void>((resolve) => request.end(body, resolve))
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const chunks = await collect(response as AsyncIterable<Buffer>)
    // The server reads the rest of the body even when its answer overtakes it.
    await sent
    return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }
  }
  return { engine, socketPath, call }
}

describe('the Engine API over HTTP', () => {
  it('answers a ping with the headers that clients negotiate by', async () => {
    const { call } = await listening()
    const { status, headers, text } = await call('HEAD', '/_ping')
    expect([status, text]).toEqual([200, ''])
    expect(headers).toMatchObject({ 'api-version': '1.51', ostype: 'linux', 'builder-version': '1' })
    expect((await call('GET', '/_ping')).text).toBe('OK')
  })

  it('answers what is no archive of images with a line, not with a status', async () => {
    const { call } = await listening()
    const { status, text } = await call('POST', '/images/load', Buffer.from('x\n'))
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { errorDetail: { message: 'unexpected EOF' }, error: 'unexpected EOF' },
    ])
  })

  it.each([
    ['GET', '/v1.45/nothing/here', 404, 'page not found'],
    ['GET', '/v1.99/info', 400, 'client version 1.99 is too new. Maximum supported API version is 1.51'],
    ['GET', '/v1.45/containers/nope/json', 404, 'No such container: nope'],
    ['POST', '/containers/create', 400, 'invalid JSON: got EOF while reading request body'],
    ['GET', '/containers/json?filters={"x":["y"]}', 400, "invalid filter 'x'"],
    ['PATCH', '/info', 404, 'page not found'],
    ['GET', '/containers/nope/checkpoints', 501, /^This experimental feature is disabled by default\./],
    ['DELETE', '/containers/nope/checkpoints/one', 501, /^This experimental feature is disabled/],
  ])('%s %s is %i', async (method, path, status, message) => {
    const { call } = await listening()
    const answer = await call(method, path.replaceAll('"', '%22'))
    expect(answer.status).toBe(status)
    expect((JSON.parse(answer.text) as { message: string }).message).toMatch(message)
  })

  it('takes a second question mark for a part of the query', async () => {
    const { call, engine } = await listening()
    await engine.create({}, 'web')
    const { text } = await call('GET', '/containers/json?all=1&filters={%22name%22:[%22w?eb%22]}')
    expect(JSON.parse(text)).toMatchObject([{ Names: ['/web'] }])
  })

  it('refuses a body that is too large', async () => {
    const { call } = await listening()
    const { status } = await call('POST', '/containers/create', Buffer.alloc(5 << 20, 32))
    expect(status).toBe(413)
  })

  it('creates, starts, inspects and removes with Docker’s status codes', async () => {
    const { call, engine } = await listening()
    const created = await call('POST', '/v1.45/containers/create?name=web', '{"Image":"busybox"}')
    expect(created.status).toBe(201)
    const statuses = []
    for (const path of ['start', 'start', 'pause', 'pause', 'unpause', 'kill', 'stop'])
      statuses.push((await call('POST', `/containers/web/${path}`)).status)
    expect(statuses).toEqual([204, 304, 204, 409, 204, 204, 304])
    expect(JSON.parse((await call('GET', '/containers/web/json')).text)).toMatchObject({
      Name: '/web',
      State: { Status: 'exited', ExitCode: 137 },
    })
    expect((await call('DELETE', '/containers/web')).status).toBe(204)
    expect(engine.reported).toEqual([])
  })

  it('refuses to attach in plain text, as dockerd does on a connection that it has taken over', async () => {
    const { call } = await listening()
    const { status, headers, text } = await call('POST', '/containers/nope/attach?stream=1')
    expect([status, headers['content-type'], text]).toEqual([
      404,
      'application/vnd.docker.raw-stream',
      'No such container: nope\r\n',
    ])
  })

  it('starts nothing from a checkpoint', async () => {
    const { call } = await listening()
    await call('POST', '/containers/create?name=web', '{"Image":"busybox"}')
    const { status, text } = await call('POST', '/containers/web/start?checkpoint=one')
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { message: 'checkpoint is only supported in experimental mode' },
    ])
  })

  it('sends the head of a wait before there is a result', async () => {
    const { call, engine, socketPath } = await listening()
    await call('POST', '/containers/create?name=web', '{"Image":"busybox"}')
    const request = httpRequest({
      socketPath,
      method: 'POST',
      path: '/containers/web/wait?condition=next-exit',
    })
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    await call('POST', '/containers/web/start')
    engine.machine.process(engine.context.containers.find('web').id).end({ exitCode: 3 })
    const [chunk] = await collect(response as AsyncIterable<Buffer>)
    expect(JSON.parse(String(chunk))).toEqual({ StatusCode: 3 })
  })

  it('frames an exec’s output as the start asks for it, whether the exec has a terminal or not', async () => {
    const { call, engine, socketPath } = await listening()
    await call('POST', '/containers/create?name=web', '{"Image":"busybox"}')
    await call('POST', '/containers/web/start')
    const upgraded = async (created: object, body: string) => {
      const exec = JSON.stringify({ Cmd: ['tty'], AttachStdout: true, ...created })
      const { Id } = JSON.parse((await call('POST', '/containers/web/exec', exec)).text) as { Id: string }
      const headers = {
        connection: 'Upgrade',
        upgrade: 'tcp',
        'content-type': 'application/json',
        'content-length': body.length,
      }
      const request = httpRequest({ socketPath, method: 'POST', path: `/exec/${Id}/start`, headers })
      request.end(body)
      const [response, socket] = (await once(request, 'upgrade')) as [IncomingMessage, Duplex]
      const process = engine.machine.process(Id)
      process.print('out')
      const [output] = (await once(socket, 'data')) as [Buffer]
      process.end({ exitCode: 0 })
      await once(socket, 'end')
      socket.end()
      return [response.headers['content-type'], String(output)]
    }
    const framed = '\x01\0\0\0\0\0\0\x03out'
    expect(await upgraded({ Tty: true }, '{}')).toEqual(['application/vnd.docker.multiplexed-stream', framed])
    expect(await upgraded({ Tty: false }, '{"Tty":true}')).toEqual([
      'application/vnd.docker.raw-stream',
      'out',
    ])
  })

  it('upgrades an exec start that carries a body, and pipes both ways', async () => {
    const { call, engine, socketPath } = await listening()
    await call('POST', '/containers/create?name=web', '{"Image":"busybox"}')
    await call('POST', '/containers/web/start')
    const exec = '{"Cmd":["cat"],"AttachStdin":true,"AttachStdout":true,"Tty":true}'
    const { Id } = JSON.parse((await call('POST', '/containers/web/exec', exec)).text) as { Id: string }
    const body = '{"Detach":false,"Tty":true}'
    const headers = {
      ...{ connection: 'Upgrade', upgrade: 'tcp' },
      ...{ 'content-type': 'application/json', 'content-length': body.length },
    }
    const request = httpRequest({ socketPath, method: 'POST', path: `/exec/${Id}/start`, headers })
    request.end(body)
    const [response, socket] = (await once(request, 'upgrade')) as [IncomingMessage, Duplex]
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      101,
      'application/vnd.docker.raw-stream',
    ])
    const process = engine.machine.process(Id)
    process.print('from the process')
    expect(String((await once(socket, 'data'))[0])).toBe('from the process')
    socket.write('typed')
    await expect.poll(() => Buffer.concat(process.input).toString()).toBe('typed')
    process.end({ exitCode: 5 })
    await once(socket, 'end')
    socket.end()
    await expect
      .poll(async () => JSON.parse((await call('GET', `/exec/${Id}/json`)).text))
      .toMatchObject({ Running: false, ExitCode: 5 })
  })
})

describe('a client that ends its side', () => {
  it('still gets its answer', async () => {
    const { call, engine, socketPath } = await listening()
    const { id } = await engine.create()
    await call('POST', `/containers/${id}/start`)
    const socket = connect({ path: socketPath, allowHalfOpen: true })
    socket.end(`POST /containers/${id}/stop HTTP/1.1\r\nHost: docker\r\n\r\n`)
    const answer = collect(socket as AsyncIterable<Buffer>)
    await expect.poll(() => engine.machine.process(id).signals).toEqual([15])
    engine.machine.process(id).end()
    expect(Buffer.concat(await answer).toString()).toMatch(/^HTTP\/1\.1 204 /)
  })
})

describe('attaching over a WebSocket', () => {
  const QUERY = 'stream=1&stdin=1&stdout=1&stderr=1'

  it('carries input and both outputs as they are, and ends with the process', async () => {
    const { call, engine, socketPath } = await listening()
    const container = await engine.create({ OpenStdin: true })
    const url = `ws+unix://${socketPath}:/v1.51/containers/${container.id}/attach/ws?${QUERY}`
    const client = new WebSocket(url)
    const messages: unknown[][] = []
    client.on('message', (data: Buffer, binary: boolean) => messages.push([data.toString(), binary]))
    closers.unshift(async () => client.terminate())
    await once(client, 'open')
    await call('POST', `/containers/${container.id}/start`)
    const process = engine.machine.process(container.id)
    process.print('out')
    await expect.poll(() => messages).toEqual([['out', true]])
    process.print('err', 'stderr')
    await expect.poll(() => messages.at(1)).toEqual(['err', true])
    client.send('typed')
    await expect.poll(() => Buffer.concat(process.input).toString()).toBe('typed')
    const closed = once(client, 'close')
    process.end()
    await closed
  })

  it('answers the engine’s error to one that may not attach, and 400 to what is no WebSocket', async () => {
    const { call, engine, socketPath } = await listening()
    const client = new WebSocket(`ws+unix://${socketPath}:/containers/nope/attach/ws`)
    const [, response] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(404)
    client.on('error', () => undefined)
    client.terminate()
    const { id } = await engine.create()
    const plain = await call('GET', `/containers/${id}/attach/ws?stream=1`)
    expect([plain.status, plain.text.trim()]).toEqual([400, '{"message":"not websocket protocol"}'])
  })
})

describe('the Engine API in process', () => {
  it('is the same API without HTTP', async () => {
    const { transport } = testApi()
    const created = await transport.request({
      method: 'POST',
      path: '/containers/create',
      query: { name: 'web' },
      body: { json: { Image: 'busybox' } },
    })
    expect(created.status).toBe(201)
    const missing = await transport.request({ method: 'GET', path: '/containers/nope/json' })
    const [chunk] = await collect(missing.body)
    expect([missing.status, JSON.parse(new TextDecoder().decode(chunk))]).toEqual([
      404,
      { message: 'No such container: nope' },
    ])
  })

  it('lets go of the signal of a caller once a call is over, however it went', async () => {
    const { transport, engine } = testApi()
    const { id } = await engine.create()
    const { signal } = new AbortController()
    const get = (path: string) => transport.request({ method: 'GET', path, signal })
    await get('/containers/json')
    await get('/containers/nope/json')
    for await (const _ of (await get(`/containers/${id}/logs?stdout=1`)).body);
    const refused = transport.upgrade({ method: 'POST', path: '/containers/nope/attach', signal })
    await expect(refused).rejects.toMatchObject({ code: 'not-found' })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('attaches before the start, and ends with the process', async () => {
    const { transport, engine } = testApi()
    const container = await engine.create()
    const path = `/containers/${container.id}`
    const query = { stream: 1, stdout: 1 }
    const { stream } = await transport.upgrade({ method: 'POST', path: `${path}/attach`, query })
    await transport.request({ method: 'POST', path: `${path}/start` })
    const process = engine.machine.process(container.id)
    process.print('early')
    expect((await stream.read())?.subarray(8)).toEqual(new TextEncoder().encode('early'))
    process.end()
    expect(await stream.read()).toBeNull()
  })

  it('rejects an upgrade with the engine’s error', async () => {
    const { transport } = testApi()
    const refused = transport.upgrade({ method: 'POST', path: '/containers/nope/attach' })
    await expect(refused).rejects.toMatchObject({ code: 'not-found' })
  })

  it('ends a stream of events when its reader leaves', async () => {
    const { transport, engine } = testApi()
    const { body } = await transport.request({ method: 'GET', path: '/events' })
    const reading = (async () => {
      for await (const chunk of body) return JSON.parse(new TextDecoder().decode(chunk)) as unknown
      return undefined
    })()
    await expect.poll(() => engine.context.events.listeners).toBe(1)
    await engine.create()
    expect(await reading).toMatchObject({ Type: 'container', Action: 'create' })
    expect(engine.context.events.listeners).toBe(0)
  })
})

describe('a client that leaves before its container’s end', () => {
  it.each(['wait', 'wait?condition=removed', 'logs?follow=1&stdout=1'])('is not held: %s', async (what) => {
    const { transport, engine } = testApi()
    const container = await engine.create()
    const path = `/containers/${container.id}`
    await transport.request({ method: 'POST', path: `${path}/start` })
    const stop = new AbortController()
    const [name, query] = what.split('?')
    const { body } = await transport.request({
      method: name === 'wait' ? 'POST' : 'GET',
      path: `${path}/${name}`,
      query: Object.fromEntries(new URLSearchParams(query)),
      signal: stop.signal,
    })
    const over = collect(body)
    const { exits, removals } = container
    await expect.poll(() => exits.size + removals.size).toBe(1)
    stop.abort()
    expect(await over).toEqual([])
    expect([exits.size, removals.size, engine.reported]).toEqual([0, 0, []])
  })

  it('leaves no rejection behind when its log could not be read', async () => {
    const { transport, engine } = testApi()
    const container = await engine.create()
    await transport.request({ method: 'POST', path: `/containers/${container.id}/start` })
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const stop = new AbortController()
    engine.context.launcher.stream = () => Promise.reject(new EngineError('unavailable', 'no launcher'))
    const { body } = await transport.request({
      ...{ method: 'GET', path: `/containers/${container.id}/logs`, query: { follow: 1, stdout: 1 } },
      signal: stop.signal,
    })
    await expect(collect(body)).rejects.toThrow('no launcher')
    stop.abort()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})
