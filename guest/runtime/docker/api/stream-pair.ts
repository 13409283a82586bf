/** Two ends of a byte stream in this process, with back-pressure: a write resolves when the other end has taken it. */
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { EngineError } from '../../../protocol/errors.ts'

/** One direction: chunks wait here until they are read. */
class Pipe {
  readonly #chunks: { bytes: Uint8Array; taken: () => void; lost: (error: unknown) => void }[] = []
  #wake: (() => void) | undefined
  #ended = false
  #error: EngineError | undefined
  readonly done = deferred<void>()

  write(bytes: Uint8Array): Promise<void> {
    if (this.#error) return Promise.reject(this.#error)
    if (this.#ended) return Promise.reject(new EngineError('invalid', 'a stream was written after its end'))
    if (bytes.length === 0) return Promise.resolve()
    return new Promise((taken, lost) => {
      this.#chunks.push({ bytes, taken, lost })
      this.#wake?.()
    })
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  fail(error: EngineError): void {
    if (this.#error) return
    this.#error = error
    for (const { lost } of this.#chunks.splice(0)) lost(error)
    this.done.reject(error)
    this.#wake?.()
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#error) throw this.#error
      const next = this.#chunks.shift()
      if (next) {
        next.taken()
        return next.bytes
      }
      if (this.#ended) {
        this.done.resolve()
        return null
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
  }
}

function endOf(incoming: Pipe, outgoing: Pipe): ByteStream {
  const closed = Promise.all([incoming.done.promise, outgoing.done.promise]).then(() => undefined)
  closed.catch(() => undefined)
  return {
    read: () => incoming.read(),
    write: (chunk) => outgoing.write(chunk),
    end: () => Promise.resolve(outgoing.end()),
    reset(reason) {
      const error = new EngineError('unavailable', reason)
      incoming.fail(error)
      outgoing.fail(error)
    },
    closed,
  }
}

export function streamPair(): [ByteStream, ByteStream] {
  const [there, back] = [new Pipe(), new Pipe()]
  return [endOf(back, there), endOf(there, back)]
}
