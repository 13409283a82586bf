import type { ByteStream } from './byte-stream.ts'
import { deferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import { EngineError } from '../errors.ts'

/** Bytes that either side may send on a stream before the other has consumed any. */
export const INITIAL_WINDOW = 256 * 1024
/** Consumed bytes are credited back in lots of this size: few messages, and the sender never runs dry. */
const WINDOW_LOT = INITIAL_WINDOW / 4

interface Outgoing {
  chunk: Uint8Array
  written: Deferred<void>
}

/**
 * A ByteStream with a window in each direction, whatever carries it: the subclass puts on its wire what `take` gives and the
 * credit, and calls `receiveData`, `receiveEnd`, `receiveWindow` and `fail` for what the wire brings.
 */
export abstract class WindowedStream implements ByteStream {
  readonly #closed = deferred<void>()
  #failure: EngineError | null = null

  #outgoing: Outgoing[] = []
  #sendWindow = INITIAL_WINDOW
  #ending: Deferred<void> | null = null
  #endSent = false

  #incoming: Uint8Array[] = []
  #reader: Deferred<Uint8Array | null> | null = null
  #receiveWindow = INITIAL_WINDOW
  #consumed = 0
  #endReceived = false

  /** What messages of errors call the stream. */
  protected abstract readonly label: string
  /** Tells the peer that it may send so many bytes more. */
  protected abstract sendCredit(bytes: number): void
  /** Tells the peer that this side abandoned both directions. */
  protected abstract sendReset(error: EngineError): void
  /** `take` has something to give. */
  protected abstract onSendable(): void
  /** The stream is over in both directions, in order or by a failure. */
  protected abstract onOver(): void
  /** The owner of this side reads, writes or ends. */
  protected onUse(): void {}

  abstract reset(reason: string): void

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  protected get isOver(): boolean {
    return this.#failure !== null || (this.#endSent && this.#endReceived)
  }

  protected get hasFailed(): boolean {
    return this.#failure !== null
  }

  // These two are called for every key that is typed, so they make no promise but the one that they return.
  read(): Promise<Uint8Array | null> {
    if (this.#reader)
      return Promise.reject(new EngineError('invalid', 'a stream was read while a read was pending'))
    this.onUse()
    const chunk = this.#incoming.shift()
    if (chunk) {
      this.#consume(chunk.length)
      return Promise.resolve(chunk)
    }
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#endReceived) return Promise.resolve(null)
    this.#reader = deferred()
    return this.#reader.promise
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#ending)
      return Promise.reject(new EngineError('invalid', 'a stream was written to after its end'))
    this.onUse()
    if (chunk.length === 0) return Promise.resolve()
    const written = deferred<void>()
    this.#outgoing.push({ chunk, written })
    this.onSendable()
    return written.promise
  }

  async end(): Promise<void> {
    if (this.#failure) throw this.#failure
    this.onUse()
    if (!this.#ending) {
      this.#ending = deferred()
      this.onSendable()
    }
    return this.#ending.promise
  }

  /** Rejects everything pending with `error` and tells the peer; nothing when the stream is over. */
  protected abandon(error: EngineError): void {
    if (this.isOver) return
    this.sendReset(error)
    this.fail(error)
  }

  /** True when `take` would give something. */
  get sendable(): boolean {
    if (this.#failure || this.#endSent) return false
    return this.#outgoing.length > 0 ? this.#sendWindow > 0 : this.#ending !== null
  }

  /**
   * The next bytes to send, a view of what was written: at most `most`, and what the peer's window has room for; `end` after the
   * last of them, and `endSent` must be called once that is on its way; null when there is nothing to send now.
   * @param lengthOf how many of these bytes may go together, at least one
   */
  protected take(most: number, lengthOf: (bytes: Uint8Array) => number): Uint8Array | 'end' | null {
    if (!this.sendable) return null
    const head = this.#outgoing[0]
    if (!head) return 'end'
    const room = head.chunk.subarray(0, Math.min(most, this.#sendWindow))
    const bytes = room.subarray(0, lengthOf(room))
    this.#sendWindow -= bytes.length
    if (bytes.length === head.chunk.length) {
      this.#outgoing.shift()
      head.written.resolve()
    } else {
      head.chunk = head.chunk.subarray(bytes.length)
    }
    return bytes
  }

  protected endSent(): void {
    this.#endSent = true
    this.#ending?.resolve()
    this.#settle()
  }

  /** @throws EngineError `corrupt` when the peer may not send this */
  receiveData(bytes: Uint8Array): void {
    if (this.#endReceived) throw new EngineError('corrupt', `data after the end of ${this.label}`)
    if (bytes.length > this.#receiveWindow)
      throw new EngineError('corrupt', `${this.label} overran its window`)
    if (bytes.length === 0) return
    this.#receiveWindow -= bytes.length
    if (!this.#reader) {
      this.#incoming.push(bytes)
      return
    }
    this.#reader.resolve(bytes)
    this.#reader = null
    this.#consume(bytes.length)
  }

  /** @throws EngineError `corrupt` when the peer had ended before */
  receiveEnd(): void {
    if (this.#endReceived) throw new EngineError('corrupt', `${this.label} ended twice`)
    this.#endReceived = true
    this.#reader?.resolve(null)
    this.#reader = null
    this.#settle()
  }

  receiveWindow(bytes: number): void {
    this.#sendWindow += bytes
    if (this.sendable) this.onSendable()
  }

  /** Rejects everything pending; the peer is told nothing. */
  fail(error: EngineError): void {
    if (this.#failure) return
    this.#failure = error
    for (const { written } of this.#outgoing) written.reject(error)
    if (!this.#endSent) this.#ending?.reject(error)
    this.#outgoing = []
    this.#reader?.reject(error)
    this.#reader = null
    // What came in order before an orderly end stays readable; anything else is gone with the stream.
    if (!this.#endReceived) this.#incoming = []
    this.#closed.reject(error)
    this.onOver()
  }

  #consume(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed < WINDOW_LOT || this.#endReceived || this.#failure) return
    const credit = this.#consumed
    this.#receiveWindow += credit
    this.#consumed = 0
    this.sendCredit(credit)
  }

  #settle(): void {
    if (!this.#endSent || !this.#endReceived) return
    this.#closed.resolve()
    this.onOver()
  }
}
