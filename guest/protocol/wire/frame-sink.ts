import type { Crc32 } from './crc32.ts'
import { EngineError } from '../errors.ts'
import {
  HEADER_SIZE,
  MAX_PAYLOAD_TO_GUEST,
  MAX_PAYLOAD_TO_PAGE,
  MAX_SEND,
  encodeFrame,
  sendsOf,
  writeFrame,
} from './frame.ts'
import type { Frame } from './frame.ts'

/** Where a session's frames come from, in the order in which they are to be sent. */
export interface FrameSource {
  /** The next frame with a payload of at most `maxPayload` bytes, or null when there is none now that fits. */
  next(maxPayload: number): Frame | null
  /** Whether there is a frame to send, of whatever size. */
  readonly pending: boolean
}

/** How one end puts frames on the wire. */
export interface FrameSink {
  /** Sends what `source` has as far as the wire takes it now. */
  pump(source: FrameSource): void
  /** A frame with so many bytes of payload has arrived from the peer. */
  received(payloadLength: number): void
  /** The peer has taken this many sends out of its device. */
  credited(sends: number): void
}

/** Receive buffers that the guest's driver posts per port; v86 drops what finds none. */
export const SEND_CREDIT = 16
/** The guest returns credit once it has this much, or with whatever else it sends. */
const CREDIT_LOT = SEND_CREDIT / 2
const CREDIT_FRAME_SIZE = HEADER_SIZE + 2

/** The page's end: a frame is cut into sends, a send costs a credit. `send` answers false when the device had no buffer. */
export class CreditedSink implements FrameSink {
  readonly #send: (bytes: Uint8Array) => boolean
  readonly #crc32: Crc32
  #credit = SEND_CREDIT
  /** The part of the current frame that has not been sent. */
  #rest: Uint8Array = new Uint8Array(0)

  constructor(send: (bytes: Uint8Array) => boolean, crc32: Crc32) {
    this.#send = send
    this.#crc32 = crc32
  }

  pump(source: FrameSource): void {
    for (; this.#credit > 0; this.#credit--) {
      if (this.#rest.length === 0) {
        const frame = source.next(MAX_PAYLOAD_TO_GUEST)
        if (!frame) return
        this.#rest = encodeFrame(frame, this.#crc32)
      }
      if (!this.#send(this.#rest.subarray(0, MAX_SEND))) {
        throw new EngineError('corrupt', 'channel: the guest had no buffer for a send within its credit')
      }
      this.#rest = this.#rest.subarray(MAX_SEND)
    }
  }

  received(): void {}

  credited(sends: number): void {
    this.#credit += sends
    if (this.#credit > SEND_CREDIT)
      throw new EngineError('corrupt', 'channel: more credit was returned than spent')
  }
}

/** The guest's end: frames are gathered into writes of up to 64 KiB, which block while the page takes them. */
export class BatchingSink implements FrameSink {
  readonly #send: (bytes: Uint8Array) => boolean
  readonly #crc32: Crc32
  readonly #defer: (task: () => void) => void
  readonly #batch = new Uint8Array(CREDIT_FRAME_SIZE + HEADER_SIZE + MAX_PAYLOAD_TO_PAGE)
  #taken = 0
  #source: FrameSource | null = null
  #deferred = false

  /** `defer` runs a task after pending input has had its turn (Node's setImmediate). */
  constructor(send: (bytes: Uint8Array) => boolean, crc32: Crc32, defer: (task: () => void) => void) {
    this.#send = send
    this.#crc32 = crc32
    this.#defer = defer
  }

  pump(source: FrameSource): void {
    this.#source = source
    if (!this.#deferred) this.#writeBatch(source)
  }

  received(payloadLength: number): void {
    this.#taken += sendsOf(payloadLength)
    if (this.#taken >= CREDIT_LOT && !this.#deferred) this.#writeBatch(this.#source)
  }

  credited(): void {
    throw new EngineError('corrupt', 'channel: the page returned credit, which only the guest has to return')
  }

  #writeBatch(source: FrameSource | null): void {
    let fill = CREDIT_FRAME_SIZE
    for (let room = this.#room(fill); room > 0; room = this.#room(fill)) {
      const frame = source?.next(room)
      if (!frame) break
      fill = writeFrame(this.#batch, fill, frame, this.#crc32)
    }
    const start = this.#writeCredit(fill > CREDIT_FRAME_SIZE)
    if (start < fill) this.#send(this.#batch.subarray(start, fill))
    if (!source?.pending) return
    this.#deferred = true
    this.#defer(() => {
      this.#deferred = false
      this.#writeBatch(this.#source)
    })
  }

  /** Payload bytes that still fit, 0 when too few for it to be worth a frame. */
  #room(fill: number): number {
    const room = Math.min(this.#batch.length - fill - HEADER_SIZE, MAX_PAYLOAD_TO_PAGE)
    return room < 1024 ? 0 : room
  }

  /** Puts the credit frame before the batch when there is any to return; answers where the batch starts. */
  #writeCredit(alongside: boolean): number {
    if (this.#taken === 0 || (!alongside && this.#taken < CREDIT_LOT)) return CREDIT_FRAME_SIZE
    const payload = Uint8Array.of(this.#taken & 0xff, this.#taken >>> 8)
    this.#taken = 0
    writeFrame(this.#batch, 0, { type: 'credit', stream: 0, payload }, this.#crc32)
    return 0
  }
}
