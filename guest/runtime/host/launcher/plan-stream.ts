/** A host plan that moves bytes, at the engine's end of its connection. */
import { EngineError } from '../../../protocol/errors.ts'
import type { PlanStream, StepReport } from './launcher-api.ts'
import { parseReport, type Failure, type ShimMessage } from './shim-frames.ts'
import type { ShimSocket } from './shim-socket.ts'

/** The launcher writes no more while this much waits to be read: a few frames. */
const UNREAD_LIMIT = 256 * 1024

type Describe = (failure: Failure, reports: readonly StepReport[]) => EngineError

/** Takes the connection's messages; `begun` resolves with the stream at the first output, or at the plan's end. */
export class SocketPlanStream implements PlanStream {
  private readonly reported: Uint8Array[] = []
  readonly begun: Promise<void>
  readonly output: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => this.iterate() }
  private readonly describe: Describe
  private settleBegun!: { resolve(): void; reject(error: EngineError): void }
  private readonly chunks: Uint8Array[] = []
  private unread = 0
  private end: 'done' | EngineError | undefined
  private wake: (() => void) | undefined
  socket: ShimSocket | undefined

  constructor(describe: Describe) {
    this.describe = describe
    this.begun = new Promise((resolve, reject) => (this.settleBegun = { resolve, reject }))
    // The sender of the input reports a plan that fails before it was all sent.
    this.begun.catch(() => undefined)
  }

  readonly reports = (): StepReport[] => this.reported.flatMap(parseReport)

  get ended(): boolean {
    return this.end !== undefined
  }

  receive(message: ShimMessage): void {
    if (message.type === 'report') this.reported.push(message.payload)
    else if (message.type === 'output') this.take(message.bytes)
    else if (message.type === 'done') this.finish('done')
    else if (message.type === 'failed') this.finish(this.describe(message.failure, this.reports()))
  }

  finish(end: 'done' | EngineError): void {
    if (this.end !== undefined) return
    this.end = end
    this.socket?.destroy()
    if (end === 'done') this.settleBegun.resolve()
    else this.settleBegun.reject(end)
    this.wake?.()
  }

  private take(bytes: Uint8Array): void {
    this.chunks.push(bytes)
    this.unread += bytes.length
    if (this.unread > UNREAD_LIMIT) this.socket?.pause()
    this.settleBegun.resolve()
    this.wake?.()
  }

  private async *iterate(): AsyncGenerator<Uint8Array> {
    try {
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
      this.finish(new EngineError('unavailable', 'the archive was abandoned'))
    }
  }
}
