/** A shim at the other end of its control connection. */
import { readFile } from 'node:fs/promises'
import { EngineError } from '../../../protocol/errors.ts'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { errnoText } from '../../plan/errno.ts'
import type { Shim, ShimAttachment, ShimExit, StepReport } from './launcher-api.ts'
import { SocketAttachment } from './shim-attachment.ts'
import {
  parseExitRecord,
  parseReport,
  uint32,
  windowSize,
  type ExitRecord,
  type Failure,
  type ShimMessage,
} from './shim-frames.ts'
import { ShimSocket, type ShimConnection } from './shim-socket.ts'

const ESRCH = 3
/** Codes that connecting fails with, or the first frame, when the shim has left or is just leaving. */
const SHIM_HAS_LEFT: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'unavailable']

export interface ShimPaths {
  socketPath: string
  exitPath: string
}

interface Settle<Value> {
  resolve(value: Value): void
  reject(error: EngineError): void
}

export class SocketShim implements Shim {
  readonly id: string
  private readonly reported: Uint8Array[] = []
  readonly exited: Promise<ShimExit>
  private readonly paths: ShimPaths
  private socket: ShimConnection | undefined
  /** The connection is the shim's own socket, not a part of the launcher's. */
  private direct = false
  private known: { pid: number; startTime: number } | undefined
  private settleExit!: Settle<ShimExit>
  private hasExited = false
  private released = false
  /** Resolved by waiting or started, rejected by failed and by the loss of the connection. */
  private progress: Settle<void> | undefined
  private readonly signals: Settle<number>[] = []
  private answerDns: ((query: Uint8Array) => Promise<Uint8Array>) | undefined
  private readonly describe: (failure: Failure) => EngineError

  constructor(id: string, paths: ShimPaths, describe: (failure: Failure) => EngineError) {
    this.id = id
    this.paths = paths
    this.describe = describe
    this.exited = new Promise((resolve, reject) => (this.settleExit = { resolve, reject }))
    // Whoever wants the exit awaits this promise; its rejection must not end the engine when nobody does.
    this.exited.catch(() => undefined)
  }

  /** A shim that has gone, known by the record it left. */
  static ended(id: string, paths: ShimPaths, record: ExitRecord): SocketShim {
    const shim = new SocketShim(id, paths, (failure) => new EngineError('internal', failure.op))
    shim.end(record)
    return shim
  }

  /** @param direct by the shim's own socket, not through the launcher's connection */
  connected(socket: ShimConnection, direct = false): void {
    this.socket = socket
    this.direct = direct
  }

  /** Connects to the shim's own socket; its state and its exit come by it. Rejects with the socket's error. */
  async connect(): Promise<void> {
    const socket = await ShimSocket.open(this.paths.socketPath, {
      message: (message) => this.receive(message),
      closed: (error) => void this.closed(error),
    })
    this.connected(socket, true)
    if (this.released) return socket.destroy()
    await socket.send('hello')
  }

  get socketPath(): string {
    return this.paths.socketPath
  }

  get report(): StepReport[] {
    return this.reported.flatMap(parseReport)
  }

  get identity(): { pid: number; startTime: number } {
    if (this.known === undefined) throw new EngineError('internal', `shim ${this.id} has no process yet`)
    return this.known
  }

  /** Resolves when the process waits for its start or has executed. */
  async settled(): Promise<void> {
    const settled = deferred<void>()
    this.progress = settled
    await settled.promise
  }

  receive(message: ShimMessage): void {
    switch (message.type) {
      case 'report':
        this.reported.push(message.payload)
        return
      case 'waiting':
      case 'started':
        this.known = { pid: message.pid, startTime: message.startTime }
        return this.progress?.resolve()
      case 'failed':
        return this.fail(this.describe(message.failure))
      case 'exit':
        return this.end(message.record)
      case 'signalled':
        return this.signals.shift()?.resolve(message.result)
      case 'dnsQuery':
        return this.dns(message.id, message.query)
      default:
        return
    }
  }

  private fail(error: EngineError): void {
    this.progress?.reject(error)
    this.settleExit.reject(error)
    this.hasExited = true
  }

  private end({ pid, startTime, ...exit }: ExitRecord): void {
    this.known ??= { pid, startTime }
    this.hasExited = true
    this.settleExit.resolve(exit)
  }

  private dns(id: number, query: Uint8Array): void {
    // When the handler fails the process gets no reply and asks again, as it does after a lost datagram.
    void this.answerDns?.(query).then(
      (reply) => this.socket?.send('dnsReply', uint32(id), reply).catch(() => undefined),
      () => undefined,
    )
  }

  /** The shim's end of the connection has closed: after its exit message, or because it was lost. */
  async closed(error: EngineError | undefined): Promise<void> {
    if (await this.survives()) return
    for (const signal of this.signals.splice(0)) signal.reject(this.conflict())
    // Whoever waits has been told of the exit or the failure.
    if (this.hasExited) return
    const gone = error ?? new EngineError('unavailable', `the shim of ${this.id} is gone`, { id: this.id })
    this.progress?.reject(gone)
    if (this.released) return
    try {
      this.end(parseExitRecord(await readFile(this.paths.exitPath, 'utf8')))
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      this.settleExit.reject(missing ? gone : EngineError.from(cause))
    }
  }

  /** A launcher that ended took its connection along, but not the shim. */
  private async survives(): Promise<boolean> {
    if (this.direct || this.hasExited || this.released) return false
    return this.connect().then(
      () => true,
      () => false,
    )
  }

  async start(): Promise<void> {
    await Promise.all([this.settled(), this.socket!.send('start')])
  }

  async attach({ stdin }: { stdin: boolean }): Promise<ShimAttachment> {
    try {
      return await SocketAttachment.open(this.paths.socketPath, stdin)
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException | EngineError
      if (!SHIM_HAS_LEFT.includes(code)) throw EngineError.from(cause)
      throw this.conflict(cause)
    }
  }

  onDnsQuery(handler: (query: Uint8Array) => Promise<Uint8Array>): void {
    this.answerDns = handler
  }

  async resize(size: { columns: number; rows: number }): Promise<void> {
    if (this.hasExited) throw this.conflict()
    await this.socket!.send('resize', windowSize(size))
  }

  async signal(signal: number): Promise<void> {
    if (this.hasExited || !this.socket?.open) throw this.conflict()
    const answer = new Promise<number>((resolve, reject) => this.signals.push({ resolve, reject }))
    // A closed connection rejects the answer too, even when nobody awaits it.
    answer.catch(() => undefined)
    try {
      await this.socket.send('signal', uint32(signal))
    } catch {
      // The shim left because its process has ended, while this frame was on its way.
      throw this.conflict()
    }
    const result = await answer
    if (result === -ESRCH) throw this.conflict()
    if (result < 0) {
      throw new EngineError('invalid', `signal ${signal} to ${this.id}: ${errnoText(-result)}`, {
        signal,
        errno: -result,
      })
    }
  }

  private conflict(cause?: unknown): EngineError {
    return new EngineError('conflict', `the process of ${this.id} has ended`, { id: this.id }, cause)
  }

  release(): void {
    this.released = true
    this.socket?.destroy()
  }
}
