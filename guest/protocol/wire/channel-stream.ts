import type { ByteStream } from './byte-stream.ts'
import { deferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import { EngineError } from '../errors.ts'
import { writeU32 } from './frame.ts'
import type { Frame, FrameType } from './frame.ts'
import { encodeError } from './json.ts'
import { lengthBeforeSync } from './sync.ts'

/** Bytes that either side may send on a stream before the other has consumed any. */
export const INITIAL_WINDOW = 256 * 1024
/** Consumed bytes are credited back in lots of this size: few frames, and the sender never runs dry. */
const WINDOW_LOT = INITIAL_WINDOW / 4

/** What a stream needs of its session. */
export interface StreamOwner {
  /** Queues a frame ahead of all data. */
  control(type: FrameType, stream: number, payload?: Uint8Array): void
  /** The stream has data, or an end, to send. */
  ready(stream: ChannelStream): void
  /** The stream is over in both directions. */
  release(stream: ChannelStream): void
}

interface Outgoing {
  chunk: Uint8Array
  written: Deferred<void>
}

const NOTHING = new Uint8Array(0)

/** One stream of a session: SPEC.md, "Streams". */
export class ChannelStream implements ByteStream {
  readonly id: number
  readonly #owner: StreamOwner
  readonly #maxPayload: number
  readonly #closed = deferred<void>()
  /** Set while the peer waits to hear whether its open is accepted. */
  #awaitsAccept: boolean
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

  /** `maxPayload` bounds this side's frames; `awaitsAccept` when the peer opened the stream. */
  constructor(id: number, owner: StreamOwner, awaitsAccept: boolean, maxPayload: number) {
    this.id = id
    this.#owner = owner
    this.#maxPayload = maxPayload
    this.#awaitsAccept = awaitsAccept
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /** Accepts the peer's open, once; using the stream does it too. */
  accept(): void {
    if (!this.#awaitsAccept || this.#failure) return
    this.#awaitsAccept = false
    this.#owner.control('accept', this.id)
  }

  /** Answers the peer's open with `error`; a stream that is in use already is reset instead. */
  refuse(error: EngineError): void {
    if (this.#failure) return
    if (!this.#awaitsAccept) return this.reset(error.message)
    this.#owner.control('refuse', this.id, encodeError(error, this.#maxPayload))
    this.fail(error)
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#reader) throw new EngineError('invalid', 'a stream was read while a read was pending')
    this.accept()
    const chunk = this.#incoming.shift()
    if (chunk) {
      this.#credit(chunk.length)
      return chunk
    }
    if (this.#failure) throw this.#failure
    if (this.#endReceived) return null
    this.#reader = deferred()
    return this.#reader.promise
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#ending) throw new EngineError('invalid', 'a stream was written to after its end')
    this.accept()
    if (chunk.length === 0) return
    const written = deferred<void>()
    this.#outgoing.push({ chunk, written })
    this.#owner.ready(this)
    return written.promise
  }

  async end(): Promise<void> {
    if (this.#failure) throw this.#failure
    this.accept()
    if (!this.#ending) {
      this.#ending = deferred()
      this.#owner.ready(this)
    }
    return this.#ending.promise
  }

  reset(reason: string): void {
    if (this.#failure || (this.#endSent && this.#endReceived)) return
    this.#owner.control('reset', this.id, new TextEncoder().encode(reason.slice(0, 500)))
    this.fail(new EngineError('unavailable', reason))
  }

  /** True when `takeFrame` would give one. */
  get sendable(): boolean {
    if (this.#failure || this.#endSent) return false
    return this.#outgoing.length > 0 ? this.#sendWindow > 0 : this.#ending !== null
  }

  /** The next frame of this stream, its payload at most `maxPayload` bytes; null when there is none to send now. */
  takeFrame(maxPayload: number): Frame | null {
    if (!this.sendable) return null
    const head = this.#outgoing[0]
    if (!head) return this.#takeEnd()
    const room = head.chunk.subarray(0, Math.min(maxPayload, this.#sendWindow))
    const length = Math.min(lengthBeforeSync(room), room.length)
    this.#sendWindow -= length
    if (length === head.chunk.length) {
      this.#outgoing.shift()
      head.written.resolve()
    } else {
      head.chunk = head.chunk.subarray(length)
    }
    return { type: 'data', stream: this.id, payload: room.subarray(0, length) }
  }

  #takeEnd(): Frame {
    this.#endSent = true
    this.#ending?.resolve()
    this.#settle()
    return { type: 'end', stream: this.id, payload: NOTHING }
  }

  receiveData(payload: Uint8Array): void {
    if (this.#endReceived)
      throw new EngineError('corrupt', `channel: data after the end of stream ${this.id}`)
    if (payload.length > this.#receiveWindow) {
      throw new EngineError('corrupt', `channel: stream ${this.id} overran its window`)
    }
    if (payload.length === 0) return
    this.#receiveWindow -= payload.length
    if (!this.#reader) {
      this.#incoming.push(payload)
      return
    }
    const reader = this.#reader
    this.#reader = null
    reader.resolve(payload)
    this.#credit(payload.length)
  }

  receiveEnd(): void {
    if (this.#endReceived) throw new EngineError('corrupt', `channel: stream ${this.id} ended twice`)
    this.#endReceived = true
    this.#reader?.resolve(null)
    this.#reader = null
    this.#settle()
  }

  receiveWindow(bytes: number): void {
    this.#sendWindow += bytes
    if (this.sendable) this.#owner.ready(this)
  }

  /** Rejects everything pending; no frame is sent. */
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
    this.#owner.release(this)
  }

  #credit(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed < WINDOW_LOT || this.#endReceived || this.#failure) return
    const payload = new Uint8Array(4)
    writeU32(payload, 0, this.#consumed)
    this.#receiveWindow += this.#consumed
    this.#consumed = 0
    this.#owner.control('window', this.id, payload)
  }

  #settle(): void {
    if (!this.#endSent || !this.#endReceived) return
    this.#closed.resolve()
    this.#owner.release(this)
  }
}
