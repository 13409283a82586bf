/**
 * A ByteStream over a MessagePort: how channel streams reach the page through the worker, each with a port of its own.
 * Bytes are credited in both directions, so a page that does not read stops the guest's writer.
 *
 * Messages: `data` transfers its buffer, `credit` returns what the reader consumed, `end` closes one direction, `reset`
 * both. A port gives no sign when its other end dies: whoever owns both ends of a worker must call `lose` (connect-machine.ts).
 */
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import { deferred } from '../../../guest/protocol/wire/deferred.ts'
import type { Deferred } from '../../../guest/protocol/wire/deferred.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { SerializedError } from '../../../guest/protocol/errors.ts'

type PortMessage =
  | { kind: 'data'; bytes: Uint8Array }
  | { kind: 'credit'; bytes: number }
  | { kind: 'end' }
  | { kind: 'reset'; error: SerializedError }

/** Bytes that either end sends ahead of the other's reads. */
const WINDOW = 256 * 1024
/** Consumed bytes are credited in lots of this size. */
const LOT = WINDOW / 4

interface Outgoing {
  bytes: Uint8Array
  written: Deferred<void>
}

export class PortStream implements ByteStream {
  readonly #port: MessagePort
  readonly #closed = deferred<void>()
  #failure: EngineError | null = null
  #outgoing: Outgoing[] = []
  #credit = WINDOW
  #ending: Deferred<void> | null = null
  #endSent = false
  #incoming: Uint8Array[] = []
  #reader: Deferred<Uint8Array | null> | null = null
  #consumed = 0
  #endReceived = false

  constructor(port: MessagePort) {
    this.#port = port
    port.onmessage = ({ data }: MessageEvent<PortMessage>) => this.#receive(data)
    port.onmessageerror = () => this.reset('a message could not be read')
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#reader) throw new EngineError('invalid', 'a stream was read while a read was pending')
    const chunk = this.#incoming.shift()
    if (chunk) {
      this.#consume(chunk.length)
      return chunk
    }
    if (this.#failure) throw this.#failure
    if (this.#endReceived) return null
    this.#reader = deferred()
    return this.#reader.promise
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#ending) throw new EngineError('invalid', 'a stream was written to after its end')
    if (chunk.length === 0) return
    const written = deferred<void>()
    this.#outgoing.push({ bytes: chunk, written })
    this.#flush()
    return written.promise
  }

  async end(): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#ending ??= deferred()
    this.#flush()
    return this.#ending.promise
  }

  reset(reason: string): void {
    this.#abandon(new EngineError('unavailable', reason))
  }

  /** The other end is gone: rejects everything pending with `error`. */
  lose(error: EngineError): void {
    if (this.#failure || (this.#endSent && this.#endReceived)) return
    this.#fail(error)
  }

  #abandon(error: EngineError): void {
    if (this.#failure || (this.#endSent && this.#endReceived)) return
    this.#post({ kind: 'reset', error: error.toJSON() })
    this.#fail(error)
  }

  #receive(message: PortMessage): void {
    if (this.#failure) return
    switch (message.kind) {
      case 'data':
        return this.#receiveData(message.bytes)
      case 'credit':
        this.#credit += message.bytes
        return this.#flush()
      case 'end':
        this.#endReceived = true
        this.#reader?.resolve(null)
        this.#reader = null
        return this.#settle()
      case 'reset':
        return this.#fail(EngineError.fromJSON(message.error))
    }
  }

  #receiveData(bytes: Uint8Array): void {
    if (!this.#reader) {
      this.#incoming.push(bytes)
      return
    }
    this.#reader.resolve(bytes)
    this.#reader = null
    this.#consume(bytes.length)
  }

  #consume(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed < LOT || this.#endReceived || this.#failure) return
    this.#post({ kind: 'credit', bytes: this.#consumed })
    this.#consumed = 0
  }

  #flush(): void {
    while (this.#credit > 0 && this.#outgoing.length > 0) {
      const head = this.#outgoing[0]!
      // A copy (and not `slice`, which of a Node Buffer is none): the writer keeps its buffer, the message's is transferred.
      const bytes = new Uint8Array(head.bytes.subarray(0, this.#credit))
      const { length } = bytes
      this.#credit -= length
      this.#post({ kind: 'data', bytes }, [bytes.buffer])
      if (length < head.bytes.length) {
        head.bytes = head.bytes.subarray(length)
        continue
      }
      this.#outgoing.shift()
      head.written.resolve()
    }
    if (!this.#ending || this.#endSent || this.#outgoing.length > 0) return
    this.#endSent = true
    this.#post({ kind: 'end' })
    this.#ending.resolve()
    this.#settle()
  }

  #settle(): void {
    if (!this.#endSent || !this.#endReceived) return
    this.#closed.resolve()
    this.#port.close()
  }

  #fail(error: EngineError): void {
    this.#failure = error
    for (const { written } of this.#outgoing) written.reject(error)
    this.#outgoing = []
    if (!this.#endSent) this.#ending?.reject(error)
    this.#reader?.reject(error)
    this.#reader = null
    if (!this.#endReceived) this.#incoming = []
    this.#closed.reject(error)
    this.#port.close()
  }

  #post(message: PortMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer)
  }
}
