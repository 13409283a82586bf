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

interface Reader {
  resolve(chunk: Uint8Array | null): void
  reject(error: EngineError): void
}

/** It listens to the duplex itself: an iterator of Node's costs each connection more than a short command does. */
class DuplexByteStream implements ByteStream {
  readonly #duplex: Duplex
  readonly closed: Promise<void>
  /** Chunks that came when nobody waited for one; there the duplex pauses. */
  readonly #ahead: Uint8Array[] = []
  #reader: Reader | undefined
  #flows = false
  #failure: EngineError | undefined

  constructor(duplex: Duplex) {
    this.#duplex = duplex
    this.closed = new Promise((resolve, reject) => {
      duplex.once('error', (error) => {
        this.#fail(unavailable(error))
        reject(this.#failure)
      })
      duplex.once('close', () => {
        if (duplex.readableEnded && duplex.writableFinished) return resolve()
        if (!duplex.readableEnded) this.#fail(lost())
        reject(this.#failure ?? lost())
      })
    })
    this.closed.catch(() => undefined)
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#reader) throw new EngineError('invalid', 'a stream was read while a read was pending')
    const chunk = this.#ahead.shift()
    if (chunk !== undefined) return chunk
    if (this.#failure) throw this.#failure
    if (this.#duplex.readableEnded) return null
    if (this.#duplex.destroyed) throw lost()
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
      this.#flow()
    })
  }

  /** Begins with the first read, so that a duplex which nobody reads stays as it is. */
  #flow(): void {
    if (!this.#flows) {
      this.#flows = true
      this.#duplex.on('data', (chunk: Uint8Array) => {
        if (this.#reader) return this.#settle((reader) => reader.resolve(chunk))
        this.#ahead.push(chunk)
        this.#duplex.pause()
      })
      this.#duplex.once('end', () => this.#settle((reader) => reader.resolve(null)))
    }
    this.#duplex.resume()
  }

  #settle(how: (reader: Reader) => void): void {
    const reader = this.#reader
    this.#reader = undefined
    if (reader) how(reader)
  }

  #fail(error: EngineError): void {
    this.#failure ??= error
    this.#settle((reader) => reader.reject(this.#failure!))
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

const lost = (): EngineError => new EngineError('unavailable', 'the connection was lost')

function unavailable(error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new EngineError('unavailable', message, {}, error)
}
