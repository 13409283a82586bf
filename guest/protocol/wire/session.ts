import type { ByteStream, Channel, StreamHandler, StreamOpen } from './byte-stream.ts'
import { ChannelStream } from './channel-stream.ts'
import { deferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import { EngineError } from '../errors.ts'
import { readU32 } from './frame.ts'
import type { Frame, FrameType } from './frame.ts'
import type { FrameSink, FrameSource } from './frame-sink.ts'
import { decodeError, decodeJson, encodeError, encodeJson } from './json.ts'
import { parseStreamOpen } from './stream-open.ts'

export interface SessionOptions {
  /** The page opens streams with odd ids, the guest with even ones. */
  side: 'page' | 'guest'
  sink: FrameSink
  /** Largest payload of a frame that this side sends. */
  maxPayload: number
  onStream: StreamHandler
}

/** Streams that the peer may have open at once. */
export const MAX_STREAMS = 4096

const NOTHING = new Uint8Array(0)
const NEXT_TURN = Promise.resolve()

/** The multiplexer between two SYNCs: SPEC.md, "Sessions" and "Streams". Feed it with `receive`; end it with `fail`. */
export class Session implements Channel {
  readonly #options: SessionOptions
  readonly #streams = new Map<number, ChannelStream>()
  readonly #opening = new Map<number, Deferred<ByteStream>>()
  readonly #control: Frame[] = []
  /** Streams with something to send, in turn. */
  readonly #ready = new Set<ChannelStream>()
  readonly #closed = deferred<EngineError>()
  readonly #source: FrameSource
  #nextId: number
  #lastPeerId: number
  #failure: EngineError | null = null
  #pumpScheduled = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#nextId = options.side === 'page' ? 1 : 2
    this.#lastPeerId = options.side === 'page' ? 0 : -1
    const control = this.#control
    const ready = this.#ready
    this.#source = {
      next: (maxPayload) => this.#nextFrame(maxPayload),
      get pending() {
        return control.length > 0 || ready.size > 0
      },
    }
  }

  get closed(): Promise<EngineError> {
    return this.#closed.promise
  }

  async open(open: StreamOpen): Promise<ByteStream> {
    if (this.#failure) throw this.#failure
    const payload = encodeJson(open)
    if (payload.length > this.#options.maxPayload) {
      throw new EngineError('too-large', `a stream's opening takes ${payload.length} bytes`, {
        service: open.service,
      })
    }
    if (this.#nextId > 0xffffffff)
      throw new EngineError('exhausted', 'the session has used up its stream ids')
    const id = this.#nextId
    this.#nextId += 2
    const opening = deferred<ByteStream>()
    this.#streams.set(id, this.#newStream(id, false))
    this.#opening.set(id, opening)
    this.#send('open', id, payload)
    return opening.promise
  }

  close(reason: string): void {
    if (this.#failure) return
    const error = new EngineError('unavailable', `the channel was closed: ${reason}`)
    this.#control.unshift({
      type: 'goodbye',
      stream: 0,
      payload: encodeError(error, this.#options.maxPayload),
    })
    this.#pump()
    this.fail(error)
  }

  /** Ends the session: every pending call and stream is rejected with `error`. */
  fail(error: EngineError): void {
    if (this.#failure) return
    this.#failure = error
    this.#control.length = 0
    for (const opening of this.#opening.values()) opening.reject(error)
    this.#opening.clear()
    for (const stream of [...this.#streams.values()]) stream.fail(error)
    this.#ready.clear()
    this.#closed.resolve(error)
  }

  /** Takes the peer's next frame; a frame that breaks the protocol throws EngineError `corrupt` and the owner must `fail`. */
  receive(frame: Frame): void {
    if (this.#failure) return
    if (frame.type === 'credit') {
      this.#options.sink.credited(frame.payload[0]! | (frame.payload[1]! << 8))
      return this.#schedulePump()
    }
    this.#options.sink.received(frame.payload.length)
    if (frame.type === 'hello') throw broken('a hello outside a session start')
    if (frame.type === 'goodbye') return this.fail(decodeError(frame.payload))
    if (frame.type === 'open') return this.#receiveOpen(frame)
    const stream = this.#streams.get(frame.stream)
    if (!stream) return this.#checkWasOpen(frame)
    this.#receiveOn(stream, frame)
  }

  #receiveOn(stream: ChannelStream, frame: Frame): void {
    switch (frame.type) {
      case 'accept':
        this.#settleOpening(frame).resolve(stream)
        return
      case 'refuse': {
        const error = decodeError(frame.payload)
        this.#settleOpening(frame).reject(error)
        return stream.fail(error)
      }
      case 'data':
        return stream.receiveData(frame.payload)
      case 'window':
        if (frame.payload.length !== 4) throw broken('a window frame without its number')
        return stream.receiveWindow(readU32(frame.payload, 0))
      case 'end':
        return stream.receiveEnd()
      case 'reset':
        return this.#receiveReset(stream, frame)
      default:
        throw broken(`a ${frame.type} frame on a stream`)
    }
  }

  #receiveReset(stream: ChannelStream, frame: Frame): void {
    const error = new EngineError('unavailable', new TextDecoder().decode(frame.payload))
    this.#opening.get(frame.stream)?.reject(error)
    this.#opening.delete(frame.stream)
    stream.fail(error)
  }

  #settleOpening(frame: Frame): Deferred<ByteStream> {
    const opening = this.#opening.get(frame.stream)
    if (!opening) throw broken(`a ${frame.type} for a stream that was not being opened`)
    this.#opening.delete(frame.stream)
    return opening
  }

  #receiveOpen(frame: Frame): void {
    const id = frame.stream
    if (id % 2 !== Math.abs(this.#lastPeerId % 2) || id <= this.#lastPeerId)
      throw broken(`stream ${id} opened out of turn`)
    this.#lastPeerId = id
    const stream = this.#newStream(id, true)
    if (this.#streams.size >= MAX_STREAMS) {
      return stream.refuse(new EngineError('exhausted', `${MAX_STREAMS} streams are open already`))
    }
    this.#streams.set(id, stream)
    void this.#serve(stream, frame.payload)
  }

  async #serve(stream: ChannelStream, payload: Uint8Array): Promise<void> {
    try {
      await this.#options.onStream(parseStreamOpen(decodeJson(payload)), stream)
      stream.accept()
    } catch (error) {
      stream.refuse(EngineError.from(error))
    }
  }

  /** Frames may cross a reset on the wire; frames for streams that never were are a fault. */
  #checkWasOpen(frame: Frame): void {
    const own = frame.stream % 2 === this.#nextId % 2
    const wasOpen = frame.stream > 0 && (own ? frame.stream < this.#nextId : frame.stream <= this.#lastPeerId)
    if (!wasOpen) throw broken(`a ${frame.type} frame for stream ${frame.stream}, which was never opened`)
  }

  #newStream(id: number, awaitsAccept: boolean): ChannelStream {
    const owner = {
      control: (type: FrameType, stream: number, payload?: Uint8Array) => this.#send(type, stream, payload),
      ready: (stream: ChannelStream) => {
        this.#ready.add(stream)
        this.#schedulePump()
      },
      release: (stream: ChannelStream) => {
        this.#ready.delete(stream)
        this.#streams.delete(stream.id)
        this.#opening.delete(stream.id)
      },
    }
    return new ChannelStream(id, owner, awaitsAccept, this.#options.maxPayload)
  }

  #send(type: FrameType, stream: number, payload: Uint8Array = NOTHING): void {
    if (this.#failure) return
    this.#control.push({ type, stream, payload })
    this.#schedulePump()
  }

  /** Frames made in one turn of the event loop go out together. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return
    this.#pumpScheduled = true
    void NEXT_TURN.then(this.#pumpNow)
  }

  readonly #pumpNow = (): void => {
    this.#pumpScheduled = false
    this.#pump()
  }

  #pump(): void {
    if (this.#failure) return
    try {
      this.#options.sink.pump(this.#source)
    } catch (error) {
      this.fail(EngineError.from(error))
    }
  }

  /** Control frames first, then one data frame of each ready stream in turn. */
  #nextFrame(maxPayload: number): Frame | null {
    const control = this.#control[0]
    if (control) {
      if (control.payload.length > maxPayload) return null
      this.#control.shift()
      return control
    }
    for (const stream of this.#ready) {
      this.#ready.delete(stream)
      const frame = stream.takeFrame(maxPayload)
      if (stream.sendable) this.#ready.add(stream)
      if (frame) return frame
    }
    return null
  }
}

function broken(what: string): EngineError {
  return new EngineError('corrupt', `channel: ${what}; the session was closed`)
}
