/**
 * The handshake that both ends have in common: finding SYNCs, decoding what follows, and keeping one session alive.
 * page-link.ts and guest-link.ts add who speaks first and who answers.
 */
import type { StreamHandler } from './byte-stream.ts'
import { crc32 as portableCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { EngineError } from '../errors.ts'
import { encodeFrame } from './frame.ts'
import type { Frame } from './frame.ts'
import { FrameDecoder } from './frame-decoder.ts'
import type { FrameSink } from './frame-sink.ts'
import { PROTOCOL_VERSION, parseHello } from './hello.ts'
import type { Hello } from './hello.ts'
import { decodeJson, encodeJson } from './json.ts'
import { Session } from './session.ts'
import { SYNC, SyncScanner } from './sync.ts'

/** One end of the device; the other end of the wire must already be raw (SPEC.md, "The device"). */
export interface ChannelTransport {
  /** Sends the bytes as one send. `false`: the peer's device had no buffer and nothing was sent. */
  send(bytes: Uint8Array): boolean
  /** The listener gets every chunk that arrives. Set once. */
  onData(listener: (chunk: Uint8Array) => void): void
  /** True when a chunk's bytes change after the listener has returned. */
  readonly reusesChunks?: boolean
}

export interface LinkOptions {
  buildId: string
  onStream: StreamHandler
  /** Default: crc32.ts. */
  crc32?: Crc32
}

export interface LinkSide {
  side: 'page' | 'guest'
  /** Limits of this side's frames and of the peer's. */
  maxPayload: number
  maxPeerPayload: number
  newSink(send: (bytes: Uint8Array) => boolean, crc32: Crc32): FrameSink
  /** A hello has arrived; answers whether a session begins now. */
  onHello(hello: Hello): boolean
  onSession(session: Session): void
  /** The session ended by a fault or by the peer's word, not by a new SYNC; `greeting` when it had not begun yet. */
  onSessionLost(error: EngineError, greeting: boolean): void
}

type Phase =
  { name: 'seeking' } | { name: 'greeting'; decoder: FrameDecoder } | { name: 'open'; decoder: FrameDecoder }

export class Link {
  readonly #transport: ChannelTransport
  readonly #options: LinkOptions
  readonly #side: LinkSide
  readonly #crc32: Crc32
  readonly #scanner = new SyncScanner()
  #phase: Phase = { name: 'seeking' }
  #session: Session | null = null
  #stopped = false

  constructor(transport: ChannelTransport, options: LinkOptions, side: LinkSide) {
    this.#transport = transport
    this.#options = options
    this.#side = side
    this.#crc32 = options.crc32 ?? portableCrc32
    transport.onData((chunk) => this.#receive(chunk))
  }

  get session(): Session | null {
    return this.#session
  }

  /** Begins a direction: SYNC and hello in one send. False when the peer's device had no buffer. */
  greet(epoch: string | null, reason?: string): boolean {
    const { side: from } = this.#side
    const hello: Hello = { protocol: PROTOCOL_VERSION, from, buildId: this.#options.buildId, epoch, reason }
    const frame = encodeFrame({ type: 'hello', stream: 0, payload: encodeJson(hello) }, this.#crc32)
    const bytes = new Uint8Array(SYNC.length + frame.length)
    bytes.set(SYNC)
    bytes.set(frame, SYNC.length)
    return this.#transport.send(bytes)
  }

  /** Rejects everything in the session, if there is one, and discards what arrives until the next SYNC. */
  drop(error: EngineError): void {
    const session = this.#session
    this.#session = null
    this.#phase = { name: 'seeking' }
    session?.fail(error)
  }

  stop(error: EngineError): void {
    this.#stopped = true
    this.drop(error)
  }

  #receive(chunk: Uint8Array): void {
    let from = 0
    while (!this.#stopped) {
      const after = this.#scanner.next(chunk, from)
      const end = after < 0 ? chunk.length : Math.max(from, after - SYNC.length)
      this.#decode(chunk.subarray(from, end))
      if (after < 0) return
      this.drop(new EngineError('unavailable', `the ${this.#peer} began a new channel session`))
      this.#phase = { name: 'greeting', decoder: this.#newDecoder() }
      from = after
    }
  }

  #decode(bytes: Uint8Array): void {
    if (this.#phase.name === 'seeking' || bytes.length === 0) return
    try {
      this.#phase.decoder.push(bytes, (frame) => this.#onFrame(frame))
    } catch (thrown) {
      this.#lose(EngineError.from(thrown))
    }
  }

  #onFrame(frame: Frame): void {
    const phase = this.#phase
    if (phase.name === 'open') return this.#session?.receive(frame)
    // The session was dropped while its chunk was decoded: the rest of its frames are discarded.
    if (phase.name === 'seeking') return
    if (frame.type !== 'hello') throw new EngineError('corrupt', 'channel: a session must begin with a hello')
    const hello = parseHello(decodeJson(frame.payload))
    if (hello.from !== this.#peer)
      throw new EngineError('corrupt', 'channel: the device echoes what it is sent')
    const begins = this.#side.onHello(hello)
    // onHello may itself have dropped the session to begin another.
    if (this.#phase !== phase) return
    if (begins) this.#begin(phase.decoder)
    else this.#phase = { name: 'seeking' }
  }

  #begin(decoder: FrameDecoder): void {
    const { side, maxPayload } = this.#side
    const sink = this.#side.newSink((bytes) => this.#transport.send(bytes), this.#crc32)
    const session = new Session({ side, sink, maxPayload, onStream: this.#options.onStream })
    this.#phase = { name: 'open', decoder }
    this.#session = session
    void session.closed.then((error) => {
      if (this.#session === session) this.#lose(error)
    })
    this.#side.onSession(session)
  }

  #lose(error: EngineError): void {
    const greeting = this.#phase.name === 'greeting'
    this.drop(error)
    if (!this.#stopped) this.#side.onSessionLost(error, greeting)
  }

  #newDecoder(): FrameDecoder {
    const copy = this.#transport.reusesChunks
    return new FrameDecoder({ maxPayload: this.#side.maxPeerPayload, crc32: this.#crc32, copy })
  }

  get #peer(): 'page' | 'guest' {
    return this.#side.side === 'page' ? 'guest' : 'page'
  }
}
