/**
 * What every ByteStream must do, whoever makes it: run on channel streams, message-port streams and socket streams.
 * `connect` gives both ends of a fresh connection; `buffered` is a number of bytes that the implementation certainly
 * does not accept from a writer whose reader does not read.
 */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ByteStream } from '../../guest/protocol/wire/byte-stream.ts'

export interface ByteStreamContract {
  connect(): Promise<[ByteStream, ByteStream]>
  buffered: number
  /** Whether `reset` reaches the peer with its reason; a unix socket just closes. */
  carriesReset: boolean
}

export function byteStreamContract(
  name: string,
  { connect, buffered, carriesReset }: ByteStreamContract,
): void {
  describe(`${name} is a ByteStream that`, () => {
    it('carries bytes both ways at once, unchanged and in order', async () => {
      const [a, b] = await connect()
      const toB = randomBytes(700_001)
      const toA = randomBytes(900_002)
      const [atB, atA] = await Promise.all([collect(b), collect(a), send(a, toB), send(b, toA)])
      expect(atB.equals(toB)).toBe(true)
      expect(atA.equals(toA)).toBe(true)
      await Promise.all([a.closed, b.closed])
    })

    it('keeps the order of writes that were not waited for', async () => {
      const [a, b] = await connect()
      const writes = Array.from({ length: 100 }, (_value, index) => a.write(Buffer.from(`${index} `)))
      await Promise.all([...writes, a.end()])
      expect((await collect(b)).toString()).toBe(
        Array.from({ length: 100 }, (_value, index) => `${index} `).join(''),
      )
    })

    it('never gives an empty chunk, whatever is written', async () => {
      const [a, b] = await connect()
      await a.write(new Uint8Array(0))
      await Promise.all([a.write(Buffer.from('x')), a.end()])
      expect((await b.read())?.length).toBe(1)
      expect(await b.read()).toBeNull()
    })

    it('goes on reading after its own end', async () => {
      const [a, b] = await connect()
      await a.end()
      expect(await b.read()).toBeNull()
      await Promise.all([b.write(Buffer.from('still here')), b.end()])
      expect((await collect(a)).toString()).toBe('still here')
    })

    it('answers null again to whoever reads on after the end', async () => {
      const [a, b] = await connect()
      await a.end()
      expect(await b.read()).toBeNull()
      expect(await b.read()).toBeNull()
    })

    it('holds a writer back until the reader reads', async () => {
      const [a, b] = await connect()
      let accepted = false
      const writing = a.write(new Uint8Array(buffered)).then(() => (accepted = true))
      const first = await b.read()
      expect(accepted).toBe(false)
      let left = buffered - first!.length
      while (left > 0) left -= (await b.read())!.length
      await writing
      expect(left).toBe(0)
    })

    it('rejects every pending call of the end that resets', async () => {
      const [a] = await connect()
      const settled = Promise.allSettled([a.read(), a.write(new Uint8Array(buffered)), a.closed])
      a.reset('enough')
      for (const call of await settled) {
        expect(call).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
      }
      await expect(a.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'unavailable' })
    })

    // What carries bytes alone cannot carry a reason: that is then no part of the contract.
    if (carriesReset) {
      it('rejects every pending call of the other end with the reason of a reset', async () => {
        const [a, b] = await connect()
        const settled = Promise.allSettled([b.read(), b.write(new Uint8Array(buffered)), b.closed])
        a.reset('enough')
        for (const call of await settled) {
          expect(call).toMatchObject({
            status: 'rejected',
            reason: { code: 'unavailable', message: 'enough' },
          })
        }
        await expect(b.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'unavailable' })
      })
    }

    it('refuses a second read while one is pending', async () => {
      const [a, b] = await connect()
      const first = a.read()
      await expect(a.read()).rejects.toMatchObject({ code: 'invalid' })
      await b.write(Buffer.from('x'))
      expect((await first)?.length).toBe(1)
    })
  })
}

async function send(stream: ByteStream, bytes: Uint8Array): Promise<Buffer> {
  await stream.write(bytes)
  await stream.end()
  return Buffer.alloc(0)
}

async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for (let chunk = await stream.read(); chunk; chunk = await stream.read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
