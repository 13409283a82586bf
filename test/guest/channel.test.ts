import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ByteStream } from '../../guest/protocol/wire/byte-stream.ts'
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

const MIB = 1024 * 1024
const PORT = 7001

let machine: HeadlessMachine
beforeAll(async () => {
  machine = await HeadlessMachine.start()
})
afterAll(() => machine.close())

/** Mulberry32: the same bytes, sizes and pauses in every run. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Lets go for up to 200 turns of the event loop, once in a while. */
async function pauseNowAndThen(random: () => number): Promise<void> {
  if (random() > 0.03) return
  for (let turns = random() * 200; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
}

/** Writes `total` bytes in pieces of 1 to 100,000; answers their sha256. */
async function sendRandomly(stream: ByteStream, total: number, seed: number): Promise<string> {
  const random = seeded(seed)
  const noise = Buffer.from(Uint8Array.from({ length: 200_000 }, () => random() * 256))
  const hash = createHash('sha256')
  for (let left = total; left > 0;) {
    const start = Math.floor(random() * 100_000)
    const piece = noise.subarray(start, start + Math.min(left, 1 + Math.floor(random() ** 3 * 100_000)))
    hash.update(piece)
    left -= piece.length
    await stream.write(piece)
    await pauseNowAndThen(random)
  }
  await stream.end()
  return hash.digest('hex')
}

async function hashAll(stream: ByteStream, seed: number): Promise<{ bytes: number; sha256: string }> {
  const random = seeded(seed)
  const hash = createHash('sha256')
  let bytes = 0
  for (let chunk = await stream.read(); chunk; chunk = await stream.read()) {
    hash.update(chunk)
    bytes += chunk.length
    await pauseNowAndThen(random)
  }
  return { bytes, sha256: hash.digest('hex') }
}

describe('the channel into the guest', () => {
  it(
    'loses nothing of 64 MB each way at once, in random sizes with pauses',
    { timeout: 1_200_000 },
    async () => {
      const hex = PORT.toString(16).toUpperCase()
      const listen = `busybox nc -ll -p ${PORT} -e busybox cat > /dev/null 2>&1 &`
      // The table of TCP sockets has the port once the listener listens.
      const listening = await machine.exec(`${listen} until grep -q ':${hex} ' /proc/net/tcp*; do :; done`)
      expect(listening).toEqual({ code: 0, stdout: '', stderr: '' })
      const stream = await machine.openStream({ service: 'tcp', port: PORT })
      const [sent, received] = await Promise.all([sendRandomly(stream, 64 * MIB, 1), hashAll(stream, 2)])
      expect(received).toEqual({ bytes: 64 * MIB, sha256: sent })
      await stream.closed
    },
  )

  it('refuses a connection to a port on which nobody listens, naming it', async () => {
    await expect(machine.openStream({ service: 'tcp', port: 9 })).rejects.toMatchObject({
      message: expect.stringContaining('9'),
    })
  })

  it('rejects what was pending when the engine is killed, and works with the next engine', async () => {
    const stream = await machine.openStream({ service: 'engine' })
    const reading = stream.read()
    const rejected = expect(reading).rejects.toMatchObject({ code: 'unavailable' })
    await expect(machine.exec('kill -9 $(pidof node)')).rejects.toMatchObject({ code: 'unavailable' })
    await rejected
    expect(await machine.exec('echo again; echo oops >&2; exit 3')).toEqual({
      code: 3,
      stdout: 'again\n',
      stderr: 'oops\n',
    })
  })

  it('has an engine that starts again from its snapshot, and from its bundle when that fails', async () => {
    const startedFrom = async (): Promise<string | undefined> => {
      await expect(machine.exec('kill -9 $(pidof node)')).rejects.toMatchObject({ code: 'unavailable' })
      return (await machine.output('tr "\\0" " " < /proc/$(pidof node)/cmdline')).split(' ').at(-1)
    }
    expect(await startedFrom()).toBe(GUEST_PATHS.engineSnapshot)
    await machine.output(`echo broken > ${GUEST_PATHS.engineSnapshot}`)
    expect(await startedFrom()).toBe(GUEST_PATHS.engine)
    await machine.output(`rm ${GUEST_PATHS.engineSnapshot}`)
  })

  it('rejects every pending call when the machine is shut down', async () => {
    const stream = await machine.openStream({ service: 'engine' })
    const pending = Promise.allSettled([stream.read(), machine.exec('sleep 1000'), stream.closed])
    await machine.close()
    for (const call of await pending) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    }
    await expect(machine.openStream({ service: 'engine' })).rejects.toMatchObject({ code: 'unavailable' })
  })
})
