/**
 * One connection to `launcher serve` that carries those of all plans and shims (guest/native/connection/link.h): frames of
 * channel (u32), length (u32, little endian both) and bytes. A socket for each would cost more than the plans do.
 */
import { connect, type Socket } from 'node:net'
import { concatBytes } from '../../../vocabulary/concat-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { encodeFrame, ShimDecoder } from './shim-frames.ts'
import { unavailable, type ShimConnection, type ShimSocketHandlers } from './shim-socket.ts'
import type { TO_SHIM } from '../../plan/ops.generated.ts'

const HEADER = 8
/** The launcher's longest frame is one read of a process's messages (link.c, CHUNK). */
const FRAME_MAX = 64 * 1024
const READ_SIZE = 64 * 1024

export class LauncherLink {
  readonly #socket: Socket
  readonly #channels = new Map<number, LinkChannel>()
  #next = 1
  #pending: Uint8Array | undefined
  #failure: EngineError | undefined

  private constructor(socket: Socket, onClose: () => void) {
    this.#socket = socket
    socket.on('error', (cause) => (this.#failure ??= unavailable(cause)))
    socket.on('close', () => {
      onClose()
      for (const channel of [...this.#channels.values()]) channel.lose(this.#failure)
    })
  }

  /**
   * Rejects with the socket's own error.
   * @param onClose called once it carries nothing any more, before its channels are lost
   */
  static async open(path: string, onClose: () => void): Promise<LauncherLink> {
    // The launcher says nothing before it is asked.
    let receive: (bytes: Uint8Array) => void = () => undefined
    // One buffer serves all reads; a stream's `data` events would make one for each, and objects to pass it on.
    const callback = (count: number, buffer: Uint8Array): boolean => {
      receive(buffer.subarray(0, count))
      return true
    }
    const socket = connect({ path, onread: { buffer: new Uint8Array(READ_SIZE), callback } })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const link = new LauncherLink(socket, onClose)
    receive = (bytes) => link.#receive(bytes)
    socket.write(encodeFrame('link'))
    return link
  }

  /** A connection whose first message must be a plan. */
  channel(handlers: ShimSocketHandlers): ShimConnection {
    const number = this.#next
    // Zero is no channel; a number comes again after four thousand million.
    this.#next = number === 0xffffffff ? 1 : number + 1
    const channel = new LinkChannel(handlers, {
      write: (frame) => this.#write(number, frame),
      forget: () => this.#channels.delete(number),
    })
    this.#channels.set(number, channel)
    return channel
  }

  #write(number: number, bytes: Uint8Array): void {
    const frame = new Uint8Array(HEADER + bytes.length)
    const view = new DataView(frame.buffer)
    view.setUint32(0, number, true)
    view.setUint32(4, bytes.length, true)
    frame.set(bytes, HEADER)
    this.#socket.write(frame)
  }

  #receive(bytes: Uint8Array): void {
    const all = this.#pending === undefined ? bytes : concatBytes([this.#pending, bytes])
    const view = new DataView(all.buffer, all.byteOffset, all.length)
    let at = 0
    while (all.length - at >= HEADER) {
      const size = view.getUint32(at + 4, true)
      if (size > FRAME_MAX) {
        this.#failure = new EngineError('corrupt', `the launcher sent a frame of ${size} bytes`)
        return void this.#socket.destroy()
      }
      if (all.length - at - HEADER < size) break
      const start = at + HEADER
      this.#channels.get(view.getUint32(at, true))?.receive(all.subarray(start, start + size))
      at = start + size
    }
    this.#pending = at === all.length ? undefined : all.slice(at)
  }
}

interface Carrier {
  /** An empty frame ends the channel. */
  write(frame: Uint8Array): void
  forget(): void
}

class LinkChannel implements ShimConnection {
  readonly #handlers: ShimSocketHandlers
  readonly #carrier: Carrier
  readonly #decoder = new ShimDecoder()
  #open = true

  constructor(handlers: ShimSocketHandlers, carrier: Carrier) {
    this.#handlers = handlers
    this.#carrier = carrier
  }

  get open(): boolean {
    return this.#open
  }

  /** @param bytes empty at the end */
  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return this.lose(undefined)
    try {
      for (const message of this.#decoder.push(bytes)) this.#handlers.message(message)
    } catch (error) {
      this.#carrier.write(new Uint8Array(0))
      this.lose(EngineError.from(error))
    }
  }

  lose(error: EngineError | undefined): void {
    if (!this.#open) return
    this.#open = false
    this.#carrier.forget()
    this.#handlers.closed(error)
  }

  async send(type: keyof typeof TO_SHIM, ...parts: readonly Uint8Array[]): Promise<void> {
    if (!this.#open) throw unavailable()
    this.#carrier.write(encodeFrame(type, ...parts))
  }

  destroy(): void {
    if (!this.#open) return
    this.#carrier.write(new Uint8Array(0))
    this.lose(undefined)
  }
}
