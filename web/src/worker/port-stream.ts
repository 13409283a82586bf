/**
 * A ByteStream over a MessagePort: each channel stream reaches the page through the worker by a port of its own. Bytes
 * are credited in both directions, so a page that does not read stops the guest's writer. Messages: `data` transfers
 * its buffer, `credit` returns what the reader consumed, `end` closes one direction, `reset` both. A port gives no sign
 * when its other end dies, so whoever owns both ends of a worker must call `lose` (connect-machine.ts).
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { SerializedError } from '../../../guest/protocol/errors.ts'
import { WindowedStream } from '../../../guest/protocol/wire/windowed-stream.ts'

type PortMessage =
  | { kind: 'data'; bytes: Uint8Array }
  | { kind: 'credit'; bytes: number }
  | { kind: 'end' }
  | { kind: 'reset'; error: SerializedError }

export class PortStream extends WindowedStream {
  protected readonly label = 'the stream of a port'
  readonly #port: MessagePort

  constructor(port: MessagePort) {
    super()
    this.#port = port
    port.onmessage = ({ data }: MessageEvent<PortMessage>) => this.#receive(data)
    port.onmessageerror = () => this.reset('a message could not be read')
  }

  reset(reason: string): void {
    this.abandon(new EngineError('unavailable', reason))
  }

  /** Called when the other end is gone: rejects everything pending with `error`. */
  lose(error: EngineError): void {
    if (!this.isOver) this.fail(error)
  }

  #receive(message: PortMessage): void {
    if (this.hasFailed) return
    try {
      switch (message.kind) {
        case 'data':
          return this.receiveData(message.bytes)
        case 'credit':
          return this.receiveWindow(message.bytes)
        case 'end':
          return this.receiveEnd()
        case 'reset':
          return this.fail(EngineError.fromJSON(message.error))
      }
    } catch (thrown) {
      this.abandon(EngineError.from(thrown))
    }
  }

  protected onSendable(): void {
    const whole = (bytes: Uint8Array): number => bytes.length
    for (let taken = this.take(Infinity, whole); taken !== null; taken = this.take(Infinity, whole)) {
      if (taken === 'end') {
        this.#post({ kind: 'end' })
        this.endSent()
        continue
      }
      // A real copy, because the message transfers its buffer and the writer keeps its own. (`slice` of a Node Buffer
      // does not copy.)
      const bytes = new Uint8Array(taken)
      this.#post({ kind: 'data', bytes }, [bytes.buffer])
    }
  }

  protected onOver(): void {
    this.#port.close()
  }

  protected sendCredit(bytes: number): void {
    this.#post({ kind: 'credit', bytes })
  }

  protected sendReset(error: EngineError): void {
    this.#post({ kind: 'reset', error: error.toJSON() })
  }

  #post(message: PortMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer)
  }
}
