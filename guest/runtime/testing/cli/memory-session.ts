/** A caller in memory, with its typed input and the output it reads. Test code. */
import type { CliInput, CliOutput, CliSession } from '../../cli/shared/session.ts'

export interface MemoryCaller {
  argv: readonly string[]
  env?: Record<string, string>
  cwd?: string
  /** Chunks that are typed before the end of file. */
  typed?: readonly string[]
  terminal?: boolean
  columns?: number
  rows?: number
}

class MemoryOutput implements CliOutput {
  readonly isTerminal: boolean
  readonly #chunks: Uint8Array[] = []

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal
  }

  write(data: string | Uint8Array): Promise<void> {
    this.#chunks.push(typeof data === 'string' ? new TextEncoder().encode(data) : data.slice())
    return Promise.resolve()
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }
}

export class MemorySession implements CliSession {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: CliInput
  readonly stdout: MemoryOutput
  readonly stderr: MemoryOutput
  /** Each change of the terminal's mode. */
  readonly rawChanges: boolean[] = []
  readonly controller = new AbortController()
  readonly resizeListeners = new Set<() => void>()
  readonly signalListeners = new Set<(name: string) => void>()
  dimensions: { columns: number; rows: number }

  constructor({
    argv,
    env = {},
    cwd = '/tmp',
    typed = [],
    terminal = false,
    columns = 0,
    rows = 0,
  }: MemoryCaller) {
    this.argv = argv
    this.cwd = cwd
    this.env = { HOME: '/root', ...env }
    this.dimensions = { columns, rows }
    this.stdout = new MemoryOutput(terminal)
    this.stderr = new MemoryOutput(terminal)
    const chunks = typed.map((text) => new TextEncoder().encode(text))
    this.stdin = {
      isTerminal: terminal,
      read: () => Promise.resolve(chunks.shift() ?? null),
      peek: () => Promise.resolve(Buffer.concat(chunks)),
      stop: () => undefined,
      setRaw: (raw) => this.rawChanges.push(raw),
    }
  }

  get ended(): AbortSignal {
    return this.controller.signal
  }

  size(): { columns: number; rows: number } {
    return this.dimensions
  }

  onResize(listener: () => void): () => void {
    this.resizeListeners.add(listener)
    return () => this.resizeListeners.delete(listener)
  }

  onSignal(listener: (name: string) => void): () => void {
    this.signalListeners.add(listener)
    return () => this.signalListeners.delete(listener)
  }
}
