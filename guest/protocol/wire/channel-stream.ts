import { EngineError } from '../errors.ts'
import { writeU32 } from './frame.ts'
import type { Frame, FrameType } from './frame.ts'
import { encodeError } from './json.ts'
import { lengthBeforeSync } from './sync.ts'
import { WindowedStream } from './windowed-stream.ts'

/** What a stream needs of its session. */
export interface StreamOwner {
  /** Queues a frame ahead of all data. */
  control(type: FrameType, stream: number, payload?: Uint8Array): void
  /** The stream has data, or an end, to send. */
  ready(stream: ChannelStream): void
  /** The stream is over in both directions. */
  release(stream: ChannelStream): void
}

const NOTHING = new Uint8Array(0)

const lengthInFrame = (bytes: Uint8Array): number => Math.min(lengthBeforeSync(bytes), bytes.length)

/** One stream of a session: SPEC.md, "Streams". */
export class ChannelStream extends WindowedStream {
  readonly id: number
  protected readonly label: string
  readonly #owner: StreamOwner
  readonly #maxPayload: number
  /** Set while the peer waits to hear whether its open is accepted. */
  #awaitsAccept: boolean

  /** `maxPayload` bounds this side's frames; `awaitsAccept` when the peer opened the stream. */
  constructor(id: number, owner: StreamOwner, awaitsAccept: boolean, maxPayload: number) {
    super()
    this.id = id
    this.label = `stream ${id} of the channel`
    this.#owner = owner
    this.#maxPayload = maxPayload
    this.#awaitsAccept = awaitsAccept
  }

  /** Accepts the peer's open, once; using the stream does it too. */
  accept(): void {
    if (!this.#awaitsAccept || this.hasFailed) return
    this.#awaitsAccept = false
    this.#owner.control('accept', this.id)
  }

  /** Answers the peer's open with `error`; a stream that is in use already is reset instead. */
  refuse(error: EngineError): void {
    if (this.hasFailed) return
    if (!this.#awaitsAccept) return this.reset(error.message)
    this.#owner.control('refuse', this.id, encodeError(error, this.#maxPayload))
    this.fail(error)
  }

  reset(reason: string): void {
    this.abandon(new EngineError('unavailable', reason))
  }

  /** The next frame of this stream, its payload at most `maxPayload` bytes; null when there is none to send now. */
  takeFrame(maxPayload: number): Frame | null {
    const taken = this.take(maxPayload, lengthInFrame)
    if (taken === null) return null
    if (taken !== 'end') return { type: 'data', stream: this.id, payload: taken }
    this.endSent()
    return { type: 'end', stream: this.id, payload: NOTHING }
  }

  protected override onUse(): void {
    this.accept()
  }

  protected onSendable(): void {
    this.#owner.ready(this)
  }

  protected onOver(): void {
    this.#owner.release(this)
  }

  protected sendCredit(bytes: number): void {
    const payload = new Uint8Array(4)
    writeU32(payload, 0, bytes)
    this.#owner.control('window', this.id, payload)
  }

  protected sendReset({ message }: EngineError): void {
    this.#owner.control('reset', this.id, new TextEncoder().encode(message.slice(0, 500)))
  }
}
