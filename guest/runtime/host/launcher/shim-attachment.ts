/** One attachment to a process: a connection of its own, so that its reader's pace holds up no other. */
import { EngineError } from '../../../protocol/errors.ts'
import type { ShimAttachment, ShimOutput } from './launcher-api.ts'
import type { ShimMessage } from './shim-frames.ts'
import { ShimSocket } from './shim-socket.ts'

/** Bytes of output held here for a slow reader; beyond it the socket is not read and the process is made to wait. */
const HIGH_WATER = 64 * 1024
/** Input is cut so that a frame stays below the shim's limit (shim.h, FRAME_MAX). */
const INPUT_CHUNK = 32 * 1024

const OVER: IteratorResult<ShimOutput> = { value: undefined, done: true }

interface Reader {
  resolve(result: IteratorResult<ShimOutput>): void
  reject(error: EngineError): void
}

export class SocketAttachment implements ShimAttachment {
  private socket: ShimSocket | undefined
  private readonly queue: ShimOutput[] = []
  private queued = 0
  private ended = false
  private failure: EngineError | undefined
  /** Who waits for the next output. */
  private reader: Reader | undefined
  readonly output: AsyncIterable<ShimOutput> = {
    [Symbol.asyncIterator]: () => ({
      next: () => this.next(),
      return: () => {
        this.detach()
        return Promise.resolve(OVER)
      },
    }),
  }

  static async open(path: string, stdin: boolean): Promise<SocketAttachment> {
    const attachment = new SocketAttachment()
    attachment.socket = await ShimSocket.open(path, {
      message: (message) => attachment.receive(message),
      closed: (error) => attachment.finish(error),
    })
    try {
      await attachment.socket.send('attach', Uint8Array.of(stdin ? 1 : 0))
    } catch (error) {
      attachment.socket.destroy()
      throw error
    }
    return attachment
  }

  private receive(message: ShimMessage): void {
    if (message.type === 'outputEnd') return this.finish(undefined)
    if (message.type !== 'output') return
    const { reader } = this
    if (reader !== undefined) {
      this.reader = undefined
      return reader.resolve({ value: message, done: false })
    }
    this.queue.push(message)
    this.queued += message.bytes.length
    if (this.queued > HIGH_WATER) this.socket?.pause()
  }

  private finish(error: EngineError | undefined): void {
    this.ended = true
    this.failure ??= error
    const { reader } = this
    this.reader = undefined
    if (reader === undefined) return
    this.detach()
    if (this.failure === undefined) reader.resolve(OVER)
    else reader.reject(this.failure)
  }

  /** A key's echo passes here, and an async generator would make six promises of each. */
  private next(): Promise<IteratorResult<ShimOutput>> {
    const next = this.queue.shift()
    if (next !== undefined) {
      this.queued -= next.bytes.length
      if (this.queued <= HIGH_WATER) this.socket?.resume()
      return Promise.resolve({ value: next, done: false })
    }
    if (!this.ended) return new Promise((resolve, reject) => (this.reader = { resolve, reject }))
    this.detach()
    return this.failure === undefined ? Promise.resolve(OVER) : Promise.reject(this.failure)
  }

  write(bytes: Uint8Array): Promise<void> {
    return bytes.length <= INPUT_CHUNK ? this.socket!.send('stdin', bytes) : this.writeLong(bytes)
  }

  private async writeLong(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += INPUT_CHUNK) {
      await this.socket!.send('stdin', bytes.subarray(at, at + INPUT_CHUNK))
    }
  }

  async closeStdin(): Promise<void> {
    await this.socket!.send('stdinEof')
  }

  detach(): void {
    this.socket?.destroy()
  }
}
