/**
 * One run of the `docker` command as its handler sees it: who called it, its three streams, its terminal and signals.
 * cli-server.ts makes one from a connection of the thin client; tests make them in memory.
 */
import type { DirectAttach } from '../../../protocol/api/direct-attach.ts'

export interface CliOutput {
  readonly isTerminal: boolean
  /** Resolves when the client has room for more; order is kept without waiting. Never rejects: a lost client ends the session. */
  write(data: string | Uint8Array): Promise<void>
  /**
   * Writes what `fill` puts into the pipe that it is told, and resolves when all is written; undefined where the client
   * can't. Rejects as `fill` does, or when the client is lost. One at a time, also with that of stdin.
   */
  readonly pipe?: (fill: (path: string) => Promise<unknown>) => Promise<void>
}

export interface CliInput {
  readonly isTerminal: boolean
  /**
   * Resolves with the next bytes, or with `null` at the end of file or when the client is gone. The client reads its
   * stdin only once this is called.
   */
  read(): Promise<Uint8Array | null>
  /** The first bytes, at least `length` (512 at most) of them or all there are; `read` and `pipeTo` give them again. */
  peek(length: number): Promise<Uint8Array>
  /** As PipedBytes has it; undefined where the client can't. Not after `read`. */
  readonly pipeTo?: (path: string) => Promise<number>
  /** Ends reading: the client leaves its stdin to whoever reads it next. */
  stop(): void
  /** Switches the client's terminal to raw mode without echo; the client restores it when it exits. */
  setRaw(raw: boolean): void
}

export interface CliSession {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: CliInput
  readonly stdout: CliOutput
  readonly stderr: CliOutput
  /** 0 × 0 without a terminal. */
  size(): { columns: number; rows: number }
  /** Returns how to stop listening. */
  onResize(listener: () => void): () => void
  /**
   * While someone listens, signals go there; otherwise SIGINT, SIGTERM, SIGHUP and SIGQUIT abort `ended`. The listener
   * gets the name without `SIG`.
   */
  onSignal(listener: (name: string) => void): () => void
  /** Attaches the client to a process in the engine's place; undefined where the client can't. One at a time. */
  readonly attach?: DirectAttach
  /** Aborted by an unhandled signal (reason: SignalEnd) or by the loss of the client (reason: ClientGone). */
  readonly ended: AbortSignal
}

/** The reason of `ended` when a signal ended the command; the exit code is 128 + the signal's number. */
export class SignalEnd extends Error {
  override readonly name = 'SignalEnd'
  readonly exitCode: number

  constructor(signal: string, number: number) {
    super(`ended by SIG${signal}`)
    this.exitCode = 128 + number
  }
}

/** The reason of `ended` when the thin client disconnected. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}
