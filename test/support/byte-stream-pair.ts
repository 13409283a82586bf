import type { ByteStream } from '../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../guest/protocol/errors.ts'

/** Two ends of an in-memory pipe with half-close and reset, for tests of what runs over ByteStreams. */
export function byteStreamPair(): [ByteStream, ByteStream] {
  const a = new MemoryStream()
  const b = new MemoryStream()
  a.peer = b
  b.peer = a
  return [a, b]
}

class MemoryStream implements ByteStream {
  peer!: MemoryStream
  readonly closed: Promise<void>
  private readonly settle: { resolve: () => void; reject: (reason: EngineError) => void }
  private readonly chunks: (Uint8Array | null)[] = []
  private waiting:
    { resolve: (chunk: Uint8Array | null) => void; reject: (reason: EngineError) => void } | undefined
  private failure: EngineError | undefined
  private ended = false
  private sawEnd = false

  constructor() {
    let settle!: MemoryStream['settle']
    this.closed = new Promise((resolve, reject) => (settle = { resolve, reject }))
    this.settle = settle
    this.closed.catch(() => {}) // whoever cares awaits it; nobody has to
  }

  async read(): Promise<Uint8Array | null> {
    if (this.waiting) throw new EngineError('invalid', 'one read at a time')
    if (this.chunks.length > 0) return this.deliver(this.chunks.shift()!)
    if (this.failure) throw this.failure
    if (this.sawEnd) return null
    const chunk = await new Promise<Uint8Array | null>(
      (resolve, reject) => (this.waiting = { resolve, reject }),
    )
    return this.deliver(chunk)
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.failure) throw this.failure
    if (this.ended) throw new EngineError('invalid', 'write after end')
    if (chunk.length > 0) this.peer.receive(chunk.slice())
  }

  async end(): Promise<void> {
    if (this.failure) throw this.failure
    if (this.ended) return
    this.ended = true
    this.peer.receive(null)
    this.closeWhenBothEnded()
  }

  reset(reason: string): void {
    const error = new EngineError('unavailable', reason)
    this.fail(error)
    this.peer.fail(error)
  }

  private deliver(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk === null) {
      this.sawEnd = true
      this.closeWhenBothEnded()
    }
    return chunk
  }

  private receive(chunk: Uint8Array | null): void {
    const { waiting } = this
    this.waiting = undefined
    if (waiting) waiting.resolve(chunk)
    else this.chunks.push(chunk)
  }

  private fail(error: EngineError): void {
    if (this.failure || (this.ended && this.sawEnd)) return
    this.failure = error
    this.chunks.length = 0
    this.waiting?.reject(error)
    this.waiting = undefined
    this.settle.reject(error)
  }

  private closeWhenBothEnded(): void {
    if (this.ended && this.sawEnd) this.settle.resolve()
  }
}
