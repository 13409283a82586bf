/** Channel streams as Node streams and back: an HTTP server takes a Duplex, the channel speaks ByteStream. */
import { Duplex } from 'node:stream'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'

/** The stream as a Duplex, e.g. for `httpServer.emit('connection', …)`. Back-pressure goes both ways. */
export function duplexOf(stream: ByteStream): Duplex {
  let reading = false
  const duplex = new Duplex({
    allowHalfOpen: true,
    read() {
      if (reading) return
      reading = true
      pump().catch((error: Error) => this.destroy(error))
    },
    write(chunk: Uint8Array, _encoding, done) {
      stream.write(chunk).then(() => done(), done)
    },
    final(done) {
      stream.end().then(() => done(), done)
    },
    destroy(error, done) {
      stream.reset(error?.message ?? 'the stream was destroyed')
      done(error)
    },
  })
  async function pump(): Promise<void> {
    for (;;) {
      const chunk = await stream.read()
      const more = duplex.push(chunk)
      if (chunk === null) return
      if (!more) break
    }
    reading = false
  }
  return duplex
}

/** A Node stream, such as a socket, as a ByteStream. */
export function byteStreamOf(duplex: Duplex): ByteStream {
  return new DuplexByteStream(duplex)
}

class DuplexByteStream implements ByteStream {
  readonly #duplex: Duplex
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly closed: Promise<void>
  #reading = false

  constructor(duplex: Duplex) {
    this.#duplex = duplex
    this.#chunks = duplex.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]()
    this.closed = new Promise((resolve, reject) => {
      duplex.once('error', (error) => reject(unavailable(error)))
      duplex.once('close', () =>
        duplex.readableEnded && duplex.writableFinished
          ? resolve()
          : reject(new EngineError('unavailable', 'the connection was lost')),
      )
    })
    this.closed.catch(() => undefined)
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#reading) throw new EngineError('invalid', 'a stream was read while a read was pending')
    this.#reading = true
    try {
      const { done, value } = await this.#chunks.next()
      return done ? null : value
    } catch (error) {
      throw unavailable(error)
    } finally {
      this.#reading = false
    }
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#duplex.write(chunk, (error) => (error ? reject(unavailable(error)) : resolve()))
    })
  }

  end(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#duplex.once('error', (error) => reject(unavailable(error)))
      this.#duplex.end(resolve)
    })
  }

  reset(reason: string): void {
    this.#duplex.destroy(new EngineError('unavailable', reason))
  }
}

function unavailable(error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new EngineError('unavailable', message, {}, error)
}
