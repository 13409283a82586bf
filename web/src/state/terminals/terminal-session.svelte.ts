import type { ByteStream } from '../../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { unlessAborted } from '../../../../guest/protocol/wire/unless-aborted.ts'
import type { EngineClient } from '../../client/engine-client.ts'
import { LineQueue } from './line-queue.ts'

/** Where a terminal's process runs: in the guest itself, or in a container beside its first process. */
export type TerminalTarget =
  { kind: 'guest'; name?: string } | { kind: 'container'; id: string; name: string }

/** A screen that resolves a write once it has drawn it; only then the stream's credit is returned. */
export interface TerminalScreen {
  readonly rows: number
  readonly columns: number
  /** Rows down to the cursor, those of the scrollback too. */
  readonly used: number
  write(chunk: Uint8Array): Promise<void>
  /** All rows down to the cursor as plain text, one a line. */
  text(): string
}

/**
 * What a shell in a terminal does: a line was entered, what it started has ended (the status is not always known), or it is
 * ready for a line.
 */
export type ShellNews =
  { kind: 'entered'; line: string } | { kind: 'ended'; status: number | undefined } | { kind: 'ready' }

/** The line that a shell runs, or ran last. */
export interface ShellLine {
  line: string
  running: boolean
  /** How many lines the terminal's shells were given. */
  count: number
}

/** `lost`: the connection broke; the process may live on. */
export type TerminalStatus = 'connecting' | 'open' | 'exited' | 'failed' | 'lost'

const ENVIRONMENT = ['TERM=xterm-256color', 'COLORTERM=truecolor']
const INTERRUPT = '\x03'
const CLOSED = 'the terminal was closed'
const encoder = new TextEncoder()

/** One terminal: a real process with a pty in the guest, from start to exit. */
export class TerminalSession {
  status = $state<TerminalStatus>('connecting')
  exitCode = $state<number>()
  error = $state.raw<EngineError>()
  /** Rows of the screen that hold something, those of the scrollback too. */
  used = $state(0)
  /** Undefined before the first line. */
  shell = $state.raw<ShellLine>()
  readonly id: number
  readonly target: TerminalTarget
  /** Resolves at the first output, which is a shell's prompt, or when there will be none. */
  readonly answered: Promise<void>
  /** Resolves when the shell is ready for its first line, or when there will be none. */
  readonly prompted: Promise<void>
  private answer!: () => void
  private prompt!: () => void
  private readonly client: EngineClient
  private readonly whenConnected: () => Promise<void>
  private screen: TerminalScreen | undefined
  private stream: ByteStream | undefined
  private exec: string | undefined
  /** Input that was typed before the process was there. */
  private early: Uint8Array[] = []
  private readonly lines = new LineQueue((input) => this.type(input))
  private size = { rows: 0, columns: 0 }
  private readonly closing = new AbortController()
  private listener: ((input: string | Uint8Array) => void) | undefined

  constructor(
    id: number,
    client: EngineClient,
    target: TerminalTarget,
    whenConnected: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.whenConnected = whenConnected
    this.answered = new Promise((resolve) => (this.answer = resolve))
    this.prompted = new Promise((resolve) => (this.prompt = resolve))
    this.id = id
    this.client = client
    this.target = target
  }

  /** Starts the process and carries its output to the screen; resolves when it is over, never rejects. */
  async run(screen: TerminalScreen): Promise<void> {
    this.screen = screen
    this.status = 'connecting'
    this.error = undefined
    this.exitCode = undefined
    try {
      await unlessAborted(this.whenConnected(), this.closing.signal)
      this.exec = await this.create()
      this.size = { rows: screen.rows, columns: screen.columns }
      this.stream = await this.client.exec.attach(this.exec, this.size, this.closing.signal)
      this.closing.signal.throwIfAborted()
    } catch (thrown) {
      if (!this.closing.signal.aborted) return this.fail('failed', thrown)
      this.stream?.reset(CLOSED)
      return
    }
    this.status = 'open'
    for (const chunk of this.early.splice(0)) this.type(chunk)
    await this.pump(this.stream, screen)
  }

  /** Sends keyboard input: keeps it until the process is there, and drops it after its end. */
  send(input: string | Uint8Array): void {
    this.lines.interrupted(input)
    this.type(input)
  }

  /** Enters lines one by one, as a person would who waits for the prompt. */
  enter(text: string): void {
    this.lines.enter(text, this.status === 'open')
  }

  /**
   * Interrupts what runs (Ctrl+C), and enters lines from the prompt that follows. Typed before it, an `exit` would end a
   * shell that has just asked where the cursor is, as busybox's does with each prompt: the answer then went to the shell
   * outside, and became the beginning of its next line.
   */
  interruptAndEnter(text: string): void {
    this.send(INTERRUPT)
    this.lines.enter(text, false)
  }

  private type(input: string | Uint8Array): void {
    this.listener?.(input)
    const bytes = typeof input === 'string' ? encoder.encode(input) : input
    if (this.status === 'connecting') this.early.push(bytes)
    else if (this.status === 'open')
      this.stream?.write(bytes).catch((thrown: unknown) => this.fail('lost', thrown))
  }

  /** The listener is told of input before the process has it; the answer ends that. */
  watchInput(listener: (input: string | Uint8Array) => void): () => void {
    this.listener = listener
    return () => (this.listener = undefined)
  }

  shellTold(news: ShellNews): void {
    if (news.kind === 'ready') {
      this.prompt()
      return this.lines.ready()
    }
    const { line = '', count = 0 } = this.shell ?? {}
    this.shell =
      news.kind === 'entered'
        ? { line: news.line, running: true, count: count + 1 }
        : { line, running: false, count }
  }

  /** Rows of the screen; 0 before there is one. */
  get rows(): number {
    return this.screen?.rows ?? 0
  }

  /** What the terminal shows, and has shown, as plain text. */
  text(): string {
    return this.screen?.text() ?? ''
  }

  /** Tells the pty its size, unless it has that size already. */
  async resize(rows: number, columns: number): Promise<void> {
    if (this.status !== 'open' || (rows === this.size.rows && columns === this.size.columns)) return
    this.size = { rows, columns }
    try {
      await this.client.exec.resize(this.exec!, rows, columns)
    } catch (thrown) {
      // The process may have ended before the size reached it.
      if (EngineError.from(thrown).code === 'internal') throw thrown
    }
  }

  /** Hangs up for good: a process loses its terminal, and one that is being made gets none. */
  close(): void {
    this.closing.abort(new EngineError('unavailable', CLOSED))
    this.lines.clear()
    this.stream?.reset(CLOSED)
    this.status = 'exited'
    this.over()
  }

  private create(): Promise<string> {
    const { signal } = this.closing
    const exec = { Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, Env: ENVIRONMENT }
    if (this.target.kind === 'guest') return this.client.exec.createInGuest(exec, signal)
    return this.client.containers.createExec(this.target.id, { ...exec, Cmd: ['/bin/sh'] }, signal)
  }

  private async pump(stream: ByteStream, screen: TerminalScreen): Promise<void> {
    try {
      for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) {
        this.answer()
        await screen.write(chunk)
        this.used = screen.used
      }
      await stream.end()
      this.exitCode = (await this.client.exec.inspect(this.exec!)).ExitCode ?? undefined
      this.status = 'exited'
      this.over()
    } catch (thrown) {
      if (this.status === 'open') this.fail('lost', thrown)
    }
  }

  private fail(status: 'failed' | 'lost', thrown: unknown): void {
    this.error = EngineError.from(thrown)
    this.status = status
    this.over()
  }

  private over(): void {
    this.answer()
    this.prompt()
  }
}
