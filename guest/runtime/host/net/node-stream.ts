/** Channel streams as Node streams and back: an HTTP server takes a Duplex, the channel speaks ByteStream. */
import { Duplex } from 'node:stream'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'

/** The stream as a Duplex, e.g. for `httpServer.emit('connection', …)`. Back-pressure goes both ways. */
export function duplexOf(stream: ByteStream): Duplex {
  return new StreamDuplex(stream)
}

/**
 * A Node stream, such as a socket, as a ByteStream. What `duplexOf` made is taken apart again: Node's streams would cost more
 * than all else that a keystroke costs the engine. The Duplex must not be used any more then; it closes with the stream.
 */
export function byteStreamOf(duplex: Duplex): ByteStream {
  return duplex instanceof StreamDuplex ? duplex.takeApart() : new DuplexByteStream(duplex)
}

class StreamDuplex extends Duplex {
  readonly #stream: ByteStream
  /** The read of the stream that is under way. */
  #reading: Promise<Uint8Array | null> | undefined
  /** While it pushes what it has read, Node may ask for more. */
  #pumping = false
  #apart = false

  constructor(stream: ByteStream) {
    super({ allowHalfOpen: true })
    this.#stream = stream
  }

  override _read(): void {
    if (!this.#pumping && !this.#apart) void this.#pump()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#stream.write(chunk).then(() => done(), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stream.end().then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stream.reset(error?.message ?? 'the stream was destroyed')
    done(error)
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    try {
      for (;;) {
        this.#reading = this.#stream.read()
        const chunk = await this.#reading
        // The bytes belong to the stream's new reader, who waits for the same read.
        if (this.#apart) return
        this.#reading = undefined
        const more = this.push(chunk)
        // Whom the chunk was for may have taken this apart.
        if (chunk === null || !more || this.#apart) return
      }
    } catch (error) {
      if (!this.#apart) this.destroy(error as Error)
    } finally {
      this.#pumping = false
    }
  }

  /** The stream, and before it what the Duplex has read of it. */
  takeApart(): ByteStream {
    this.#apart = true
    const early: Uint8Array[] = []
    for (let chunk = this.read() as Buffer | null; chunk !== null; chunk = this.read() as Buffer | null)
      early.push(chunk)
    const written =
      this.writableLength === 0 ? undefined : new Promise<void>((resolve) => this.write('', () => resolve()))
    const close = () => void this.destroy()
    this.#stream.closed.then(close, close)
    return new ApartStream(this.#stream, early, this.#reading, written)
  }
}

class ApartStream implements ByteStream {
  readonly #stream: ByteStream
  readonly #early: Uint8Array[]
  #reading: Promise<Uint8Array | null> | undefined
  /** Resolves when the Duplex has written what came before. */
  #written: Promise<void> | undefined

  constructor(
    stream: ByteStream,
    early: Uint8Array[],
    reading: Promise<Uint8Array | null> | undefined,
    written: Promise<void> | undefined,
  ) {
    this.#stream = stream
    this.#early = early
    this.#reading = reading
    this.#written = written
  }

  get closed(): Promise<void> {
    return this.#stream.closed
  }

  read(): Promise<Uint8Array | null> {
    const early = this.#early.shift()
    if (early !== undefined) return Promise.resolve(early)
    const reading = this.#reading
    if (reading === undefined) return this.#stream.read()
    this.#reading = undefined
    return reading
  }

  write(chunk: Uint8Array): Promise<void> {
    const write = () => this.#stream.write(chunk)
    return this.#written === undefined ? write() : this.#afterwards(write)
  }

  end(): Promise<void> {
    const end = () => this.#stream.end()
    return this.#written === undefined ? end() : this.#afterwards(end)
  }

  /** Calls in the order in which they came. */
  #afterwards(call: () => Promise<void>): Promise<void> {
    let result: Promise<void> = Promise.resolve()
    const turn = this.#written!.then(() => {
      if (this.#written === turn) this.#written = undefined
      result = call()
      result.catch(() => undefined)
    })
    this.#written = turn
    return turn.then(() => result)
  }

  reset(reason: string): void {
    this.#stream.reset(reason)
  }
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
