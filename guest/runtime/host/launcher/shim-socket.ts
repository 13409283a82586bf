/** A unix socket that speaks shim frames. */
import { connect as connectSocket, type Socket } from 'node:net'
import { EngineError } from '../../../protocol/errors.ts'
import { encodeFrame, ShimDecoder, type ShimMessage } from './shim-frames.ts'
import type { TO_SHIM } from '../../plan/ops.generated.ts'

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

  private constructor(socket: Socket) {
    this.socket = socket
  }

  /** Rejects with the socket's own error (ENOENT, ECONNREFUSED): callers tell these apart. */
  static async open(path: string, handlers: ShimSocketHandlers): Promise<ShimSocket> {
    const socket = connectSocket(path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const shim = new ShimSocket(socket)
    socket.on('data', (bytes) => shim.receive(bytes, handlers))
    socket.on('error', (cause) => {
      // The shim may close the connection while our frame is on its way: that is an end, not a fault.
      if (!['ECONNRESET', 'EPIPE'].includes((cause as NodeJS.ErrnoException).code ?? ''))
        shim.failure = unavailable(cause)
    })
    socket.on('close', () => {
      shim.isOpen = false
      handlers.closed(shim.failure)
    })
    return shim
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
  async send(type: keyof typeof TO_SHIM, ...parts: readonly Uint8Array[]): Promise<void> {
    const frame = encodeFrame(type, ...parts)
    await new Promise<void>((resolve, reject) => {
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
