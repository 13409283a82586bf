/** A unix socket that speaks shim frames. */
import { connect as connectSocket, type Socket } from 'node:net'
import { EngineError } from '../../../protocol/errors.ts'
import { encodeFrame, ShimDecoder, type ShimMessage } from './shim-frames.ts'
import type { TO_SHIM } from '../../plan/ops.generated.ts'

/** All sockets read into it, one after another. A chunk of its own for each read, which node makes, costs more than a key. */
const READ_BUFFER = new Uint8Array(64 * 1024)

export interface ShimSocketHandlers {
  message(message: ShimMessage): void
  /** Called once, whatever ended the connection; `undefined` for an orderly end. */
  closed(error: EngineError | undefined): void
}

/** A connection to a shim, or to the process of a host plan. */
export interface ShimConnection {
  readonly open: boolean
  /** Rejects `unavailable` when the connection is gone. */
  send(type: keyof typeof TO_SHIM, ...parts: readonly Uint8Array[]): Promise<void>
  /** Closes it; `closed` is called. */
  destroy(): void
}

export class ShimSocket implements ShimConnection {
  private readonly socket: Socket
  private readonly decoder = new ShimDecoder()
  private failure: EngineError | undefined
  private isOpen = true

  private constructor(path: string, handlers: ShimSocketHandlers) {
    const callback = (size: number): boolean => {
      // The decoder's messages are views of what it is given.
      this.receive(READ_BUFFER.slice(0, size), handlers)
      return true
    }
    this.socket = connectSocket({ path, onread: { buffer: READ_BUFFER, callback } })
  }

  /** Rejects with the socket's own error (ENOENT, ECONNREFUSED): callers tell these apart. */
  static open(path: string, handlers: ShimSocketHandlers): Promise<ShimSocket> {
    const shim = new ShimSocket(path, handlers)
    const { socket } = shim
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        shim.follow(handlers)
        resolve(shim)
      })
    })
  }

  private follow(handlers: ShimSocketHandlers): void {
    this.socket.on('error', (cause) => {
      // The shim may close the connection while our frame is on its way: that is an end, not a fault.
      if (!['ECONNRESET', 'EPIPE'].includes((cause as NodeJS.ErrnoException).code ?? ''))
        this.failure = unavailable(cause)
    })
    this.socket.on('close', () => {
      this.isOpen = false
      handlers.closed(this.failure)
    })
  }

  private receive(bytes: Uint8Array, handlers: ShimSocketHandlers): void {
    try {
      for (const message of this.decoder.push(bytes)) handlers.message(message)
    } catch (error) {
      this.failure = EngineError.from(error)
      this.socket.destroy()
    }
  }

  get open(): boolean {
    return this.isOpen
  }

  /** Resolves when the kernel has taken the frame; rejects `unavailable` when the connection is gone. */
  send(type: keyof typeof TO_SHIM, ...parts: readonly Uint8Array[]): Promise<void> {
    return this.write(encodeFrame(type, ...parts))
  }

  /** Sends a frame, or several at once: the first cannot be answered before the last is sent. */
  write(frame: Uint8Array): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (!this.isOpen) return reject(unavailable())
      this.socket.write(frame, (cause) => (cause ? reject(unavailable(cause)) : resolve()))
    })
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  destroy(): void {
    this.socket.destroy()
  }
}

export const unavailable = (cause?: unknown): EngineError =>
  new EngineError('unavailable', 'the connection to the shim is closed', {}, cause)
