/** A CliSession over a connection of the thin client: messages of cli-protocol.ts in, calls of the handlers out. */
import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import type { DirectEnd, DirectTarget } from '../../protocol/api/direct-attach.ts'
import { deferred, type Deferred } from '../../protocol/wire/deferred.ts'
import { CLI_MESSAGE, type CliHello } from '../../protocol/api/cli-protocol.ts'
import { EngineError } from '../../protocol/errors.ts'
import { ClientPipes } from './client-pipes.ts'
import type { CliMessage } from './cli-message.ts'
import { encodeMessage, encodeTarget } from './cli-message.ts'
import { ClientGone, SignalEnd, type CliOutput, type CliSession } from './shared/session.ts'
import { WireInput } from './wire-input.ts'

/** The signals that the client passes on: Linux's number → name without `SIG`. */
const SIGNALS: Record<number, string> = { 1: 'HUP', 2: 'INT', 3: 'QUIT', 10: 'USR1', 12: 'USR2', 15: 'TERM' }

/** The ends by the number that `attachEnded` carries. */
const ATTACH_ENDS: readonly DirectEnd[] = ['output-ended', 'detached', 'unreachable']

/** Bytes in one message: one page-sized read of a pipe, and no large copies. */
const PAYLOAD = 65536

const encoder = new TextEncoder()

export class WireSession implements CliSession {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: WireInput
  readonly stdout: CliOutput
  readonly stderr: CliOutput
  readonly #stream: ByteStream
  readonly #pipes: ClientPipes
  readonly #ended = new AbortController()
  readonly #resizeListeners = new Set<() => void>()
  readonly #signalListeners = new Set<(name: string) => void>()
  #size: { columns: number; rows: number }

  constructor(stream: ByteStream, hello: CliHello) {
    this.#stream = stream
    this.argv = hello.argv
    this.cwd = hello.cwd
    this.env = hello.env
    this.#size = { columns: hello.columns, rows: hello.rows }
    this.#pipes = new ClientPipes((type, payload) => this.#send(type, payload))
    this.stdin = new WireInput(
      hello.tty.stdin,
      (type, payload) => void this.#send(type, payload),
      this.#pipes,
    )
    this.stdout = this.#output(CLI_MESSAGE.stdout, hello.tty.stdout)
    this.stderr = this.#output(CLI_MESSAGE.stderr, hello.tty.stderr)
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  #output(type: number, isTerminal: boolean): CliOutput {
    const write = async (data: string | Uint8Array): Promise<void> => {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data
      for (let at = 0; at < bytes.length; at += PAYLOAD)
        await this.#send(type, bytes.subarray(at, at + PAYLOAD))
    }
    if (type !== CLI_MESSAGE.stdout) return { isTerminal, write }
    return { isTerminal, write, pipe: (fill) => this.#pipes.toStdout(fill) }
  }

  /** A failed write means a lost client: the session ends, and the reading side reports it. */
  async #send(type: number, payload: Uint8Array): Promise<void> {
    if (this.#gone) return
    try {
      await this.#stream.write(encodeMessage(type, payload))
    } catch (error) {
      this.lose(EngineError.from(error).message)
    }
  }

  #gone = false
  #attached: Deferred<DirectEnd> | undefined

  readonly attach = async (target: DirectTarget): Promise<DirectEnd> => {
    if (this.#gone) throw new EngineError('unavailable', 'the docker client is gone')
    const attached = deferred<DirectEnd>()
    // The client may be lost while the message is still being sent, before anybody waits for the end.
    attached.promise.catch(() => undefined)
    this.#attached = attached
    await this.#send(CLI_MESSAGE.attach, encodeTarget(target))
    return attached.promise
  }

  #attachEnded(how: number | undefined): void {
    this.#attached?.resolve(ATTACH_ENDS[how ?? 0] ?? 'output-ended')
    this.#attached = undefined
  }

  size(): { columns: number; rows: number } {
    return this.#size
  }

  onResize(listener: () => void): () => void {
    this.#resizeListeners.add(listener)
    return () => this.#resizeListeners.delete(listener)
  }

  onSignal(listener: (name: string) => void): () => void {
    this.#signalListeners.add(listener)
    return () => this.#signalListeners.delete(listener)
  }

  /** @throws EngineError `invalid` for a message that a client may not send */
  receive({ type, payload }: CliMessage): void {
    if (type === CLI_MESSAGE.stdin) return this.stdin.take(payload)
    if (type === CLI_MESSAGE.resize && payload.length === 4) {
      const view = new DataView(payload.buffer, payload.byteOffset)
      this.#size = { columns: view.getUint16(0, true), rows: view.getUint16(2, true) }
      for (const listener of this.#resizeListeners) listener()
      return
    }
    if (type === CLI_MESSAGE.attachEnded) return this.#attachEnded(payload[0])
    if (this.#pipes.receive({ type, payload })) return
    const name = type === CLI_MESSAGE.signal ? SIGNALS[payload[0] ?? 0] : undefined
    if (name === undefined)
      throw new EngineError('invalid', `the docker client sent an unexpected message (type ${type})`)
    if (this.#signalListeners.size === 0) return this.#ended.abort(new SignalEnd(name, payload[0]!))
    for (const listener of this.#signalListeners) listener(name)
  }

  /** The client is gone: its stdin ends, and whatever the command still does for it is aborted. */
  lose(reason: string): void {
    if (this.#gone) return
    this.#gone = true
    this.stdin.end()
    const error = new EngineError('unavailable', reason)
    this.#attached?.reject(error)
    this.#pipes.lose(error)
    this.#ended.abort(new ClientGone(reason))
  }

  async exit(code: number): Promise<void> {
    await this.#send(CLI_MESSAGE.exit, Uint8Array.of(code & 255))
    // Nothing more is read or reported: the command is over.
    this.#gone = true
    const over = new EngineError('unavailable', 'the command is over')
    this.#attached?.reject(over)
    this.#pipes.lose(over)
  }
}
