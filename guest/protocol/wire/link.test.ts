import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { VirtioConsoleModel } from '../../../test/contract/virtio-console-model.ts'
import type { ConsoleModelOptions } from '../../../test/contract/virtio-console-model.ts'
import type { ByteStream, StreamHandler } from './byte-stream.ts'
import { crc32 } from './crc32.ts'
import { EngineError } from '../errors.ts'
import { MAX_PAYLOAD_TO_GUEST, encodeFrame } from './frame.ts'
import { GuestLink } from './guest-link.ts'
import { PageLink } from './page-link.ts'
import { SYNC } from './sync.ts'

const newEpoch = () => randomBytes(16).toString('hex')
const refuse: StreamHandler = () => {
  throw new EngineError('not-supported', 'no streams here')
}
const echo: StreamHandler = async (_open, stream) => {
  for (let chunk = await stream.read(); chunk; chunk = await stream.read()) await stream.write(chunk)
  await stream.end()
}

function connect(onStream: StreamHandler = echo, options: ConsoleModelOptions = {}) {
  const device = new VirtioConsoleModel(options)
  const page = new PageLink(device.page, { buildId: 'b', onStream: refuse, newEpoch })
  const startEngine = () => {
    const transport = device.openGuest()
    const link = new GuestLink(transport, { buildId: 'b', onStream, defer: setImmediate })
    link.knock('the engine started')
    return { link, kill: transport.close }
  }
  return { device, page, startEngine }
}

async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for (let chunk = await stream.read(); chunk; chunk = await stream.read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('a channel', () => {
  it('begins when the engine knocks, and echoes what a stream is sent', async () => {
    const { page, startEngine } = connect()
    startEngine()
    const stream = await (await page.channel()).open({ service: 'engine' })
    const sent = randomBytes(3_000_000)
    void stream.write(sent).then(() => stream.end())
    expect((await collect(stream)).equals(sent)).toBe(true)
    await stream.closed
  })

  it('carries bytes that contain SYNC, cut anywhere', async () => {
    const { page, startEngine } = connect(echo, { pieceSize: () => 1 })
    startEngine()
    const stream = await (await page.channel()).open({ service: 'engine' })
    const sent = Buffer.concat([SYNC, SYNC, Buffer.from('x'), SYNC, SYNC.subarray(0, 9), SYNC])
    void stream.write(sent).then(() => stream.end())
    expect((await collect(stream)).equals(sent)).toBe(true)
  })

  it('never sends what the device has no buffer for, however much is written at once', async () => {
    const { device, page, startEngine } = connect()
    startEngine()
    const channel = await page.channel()
    const streams = await Promise.all(Array.from({ length: 40 }, () => channel.open({ service: 'engine' })))
    const all = streams.map(async (stream, index) => {
      const sent = randomBytes(50_000 + index)
      void stream.write(sent).then(() => stream.end())
      expect((await collect(stream)).equals(sent)).toBe(true)
    })
    await Promise.all(all)
    expect(device.dropped).toBe(0)
  })

  it('refuses a stream with the error of the handler', async () => {
    const { page, startEngine } = connect(() => {
      throw new EngineError('not-found', 'nobody listens on port 81', { port: 81 })
    })
    startEngine()
    const opening = (await page.channel()).open({ service: 'tcp', port: 81 })
    await expect(opening).rejects.toMatchObject({ code: 'not-found', details: { port: 81 } })
  })

  it('rejects everything pending when a new engine knocks, and the next session works', async () => {
    const { page, startEngine } = connect(async (_open, stream) => void (await stream.read()))
    const first = startEngine()
    const channel = await page.channel()
    const stream = await channel.open({ service: 'engine' })
    const reading = stream.read()
    first.kill()
    // More than the window and the device take, so that the device is full of stale sends when the next engine comes.
    const writing = stream.write(new Uint8Array(1_000_000))
    const opening = channel.open({ service: 'engine' })
    startEngine()
    for (const pending of [reading, writing, opening, stream.closed]) {
      await expect(pending).rejects.toMatchObject({ code: 'unavailable' })
    }
    expect((await channel.closed).code).toBe('unavailable')
    const next = await (await page.channel()).open({ service: 'engine' })
    await next.write(Buffer.from('hello'))
  })

  it.each([
    ['garbage', Buffer.from('not a frame')],
    ['an oversize frame', oversize()],
    ['a frame with a wrong checksum', spoiled()],
    ['a frame for a stream that never was', frameOf('data', 4242)],
    ['an open frame with the wrong parity', frameOf('open', 2)],
    ['a hello in the middle', frameOf('hello', 0)],
  ])(
    'closes the session with an error on %s to the guest, and the next session works',
    async (_name, bytes) => {
      const { device, page, startEngine } = connect()
      startEngine()
      const channel = await page.channel()
      const stream = await channel.open({ service: 'engine' })
      const reading = stream.read()
      device.injectToGuest(bytes)
      await expect(reading).rejects.toMatchObject({ code: 'unavailable' })
      const next = await (await page.channel()).open({ service: 'engine' })
      await next.write(Buffer.from('again'))
      expect(Buffer.from((await next.read())!).toString()).toBe('again')
    },
  )

  it.each([
    ['garbage', Buffer.from('Linux version 6.12')],
    ['a frame with a wrong checksum', spoiled()],
    ['more credit than was spent', frameOf('credit', 0, Uint8Array.of(17, 0))],
    ['a frame for a stream that never was', frameOf('end', 4242)],
  ])('closes the session as corrupt on %s to the page, and the next session works', async (_name, bytes) => {
    const { device, page, startEngine } = connect()
    startEngine()
    const channel = await page.channel()
    const reading = (await channel.open({ service: 'engine' })).read()
    device.injectToPage(bytes)
    await expect(reading).rejects.toMatchObject({ code: 'corrupt' })
    const next = await (await page.channel()).open({ service: 'engine' })
    await next.write(Buffer.from('again'))
    expect(Buffer.from((await next.read())!).toString()).toBe('again')
  })

  it('starts anew with an engine that was in the middle of a frame when the page was restored', async () => {
    const { device, page, startEngine } = connect()
    startEngine()
    await (await page.channel()).open({ service: 'engine' })
    device.injectToGuest(frameOf('data', 1, new Uint8Array(500)).subarray(0, 100))
    const restored = new PageLink(device.page, { buildId: 'b', onStream: refuse, newEpoch })
    restored.begin()
    const stream = await (await restored.channel()).open({ service: 'engine' })
    await stream.write(Buffer.from('restored'))
    expect(Buffer.from((await stream.read())!).toString()).toBe('restored')
  })

  it('tells a guest of another build by a readable error', async () => {
    const device = new VirtioConsoleModel()
    const page = new PageLink(device.page, { buildId: 'new', onStream: refuse, newEpoch })
    new GuestLink(device.openGuest(), { buildId: 'old', onStream: echo, defer: setImmediate }).knock(
      'started',
    )
    await expect(page.channel()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('comes from build old'),
    })
  })

  it('does not take a terminal that echoes for a guest', async () => {
    const device = new VirtioConsoleModel()
    const page = new PageLink(device.page, { buildId: 'b', onStream: refuse, newEpoch })
    const transport = device.openGuest()
    const echoed = new Promise<void>((resolve) =>
      transport.onData((bytes) => {
        transport.send(bytes)
        resolve()
      }),
    )
    page.begin()
    await echoed
    const link = new GuestLink(device.openGuest(), { buildId: 'b', onStream: echo, defer: setImmediate })
    link.knock('started')
    await (await page.channel()).open({ service: 'engine' })
  })

  it('rejects everything when it is closed', async () => {
    const { page, startEngine } = connect()
    startEngine()
    const channel = await page.channel()
    const reading = (await channel.open({ service: 'engine' })).read()
    page.close(new EngineError('unavailable', 'the machine was shut down'))
    await expect(reading).rejects.toMatchObject({ code: 'unavailable' })
    await expect(page.channel()).rejects.toMatchObject({ message: 'the machine was shut down' })
  })
})

function frameOf(
  type: 'data' | 'open' | 'hello' | 'credit' | 'end',
  stream: number,
  payload = new Uint8Array(0),
) {
  return Buffer.from(encodeFrame({ type, stream, payload }, crc32))
}
function oversize(): Buffer {
  return frameOf('data', 1, new Uint8Array(MAX_PAYLOAD_TO_GUEST + 1)).subarray(0, 4096)
}
function spoiled(): Buffer {
  const frame = frameOf('data', 1, Buffer.from('abc'))
  frame[frame.length - 1]! ^= 1
  return frame
}
