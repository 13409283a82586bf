/** A host plan that moves bytes, at the engine's end of its connection. */
import type { PipedBytes } from '../../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { deferred } from '../../../protocol/wire/deferred.ts'
import type { PlanStream, StepReport } from './launcher-api.ts'
import { parseReport, type Failure, type ShimMessage } from './shim-frames.ts'
import type { ShimSocket } from './shim-socket.ts'

/** The launcher writes no more while this much waits to be read: a few frames. */
const UNREAD_LIMIT = 256 * 1024

type Describe = (failure: Failure, reports: readonly StepReport[]) => EngineError

/** Takes the connection's messages; `begun` resolves with the stream at the first output, or at the plan's end. */
export class SocketPlanStream implements PlanStream {
  private readonly reported: Uint8Array[] = []
  private readonly beginning = deferred<void>()
  private readonly finished = deferred<void>()
  private readonly feeding = deferred<boolean>()
  private readonly describe: Describe
  private readonly chunks: Uint8Array[] = []
  private unread = 0
  private end: 'done' | EngineError | undefined
  private wake: (() => void) | undefined
  /** The plan waits to hear where its output goes. */
  private offered = false
  private taken: 'in messages' | 'by a pipe' | undefined
  /** A reader has gone before the end. */
  private left = false
  private piped = 0
  private onPiped: ((bytes: number) => void) | undefined
  socket: ShimSocket | undefined

  constructor(describe: Describe) {
    this.describe = describe
  }

  readonly reports = (): StepReport[] => this.reported.flatMap(parseReport)

  get begun(): Promise<void> {
    return this.beginning.promise
  }

  /** True when the pipe of the input can be written to; false when the plan has ended before. */
  get fed(): Promise<boolean> {
    return this.feeding.promise
  }

  get ended(): boolean {
    return this.end !== undefined
  }

  get output(): AsyncIterable<Uint8Array> {
    const read = { [Symbol.asyncIterator]: () => this.iterate() }
    if (!this.offered) return read
    const piped: PipedBytes = { ...read, pipeTo: (path, onBytes) => this.pipeTo(path, onBytes) }
    return piped
  }

  receive(message: ShimMessage): void {
    switch (message.type) {
      case 'report':
        this.reported.push(message.payload)
        return
      case 'outputReady':
        this.offered = true
        return this.beginning.resolve()
      case 'output':
        return this.take(message.bytes)
      case 'piped':
        this.piped = message.bytes
        return this.onPiped?.(message.bytes)
      case 'fed':
        return this.feeding.resolve(true)
      case 'done':
        return this.finish('done')
      case 'failed':
        return this.finish(this.describe(message.failure, this.reports()))
      default:
        return
    }
  }

  finish(end: 'done' | EngineError): void {
    if (this.end !== undefined) return
    this.end = end
    this.socket?.destroy()
    for (const waiting of [this.beginning, this.finished])
      if (end === 'done') waiting.resolve()
      else waiting.reject(end)
    this.feeding.resolve(false)
    this.wake?.()
  }

  private take(bytes: Uint8Array): void {
    this.chunks.push(bytes)
    this.unread += bytes.length
    if (this.unread > UNREAD_LIMIT) this.socket?.pause()
    this.beginning.resolve()
    this.wake?.()
  }

  /** Says where the output goes: into a pipe, or without a path into messages. */
  private place(path = ''): void {
    if (!this.offered || this.taken !== undefined) return
    this.taken = path === '' ? 'in messages' : 'by a pipe'
    // A plan that has ended meanwhile says more than a failed write does.
    this.socket?.send('takeOutput', new TextEncoder().encode(path)).catch(() => undefined)
  }

  private async pipeTo(path: string, onBytes?: (bytes: number) => void): Promise<number> {
    this.onPiped = onBytes
    this.place(path)
    await this.finished.promise
    return this.piped
  }

  private async *iterate(): AsyncGenerator<Uint8Array> {
    if (this.taken === 'by a pipe' || this.left) return
    try {
      this.place()
      for (;;) {
        const chunk = this.chunks.shift()
        if (chunk !== undefined) {
          this.unread -= chunk.length
          if (this.unread <= UNREAD_LIMIT / 2) this.socket?.resume()
          yield chunk
        } else if (this.end === 'done') return
        else if (this.end !== undefined) throw this.end
        else await new Promise<void>((resolve) => (this.wake = resolve))
      }
    } finally {
      // A reader that leaves ends the plan: the closed connection tells its process.
      this.left = this.end === undefined
      this.finish(new EngineError('unavailable', 'the archive was abandoned'))
    }
  }
}
