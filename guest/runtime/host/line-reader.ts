import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../protocol/errors.ts'

const NEWLINE = 10

/** Reads a stream a line each; what follows the last wanted line stays readable as raw bytes. */
export class LineReader {
  readonly #stream: ByteStream
  readonly #what: string
  #rest: Uint8Array = new Uint8Array()

  /** @param what answers on the stream, for the error when it ends early */
  constructor(stream: ByteStream, what: string) {
    this.#stream = stream
    this.#what = what
  }

  /** Rejects `unavailable` when the stream ends before the line does. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE)
      if (end >= 0) {
        const line = new TextDecoder().decode(this.#rest.subarray(0, end))
        this.#rest = this.#rest.subarray(end + 1)
        return line
      }
      const chunk = await this.#stream.read()
      if (chunk === null) throw new EngineError('unavailable', `${this.#what} ended its answer early`)
      this.#rest = Buffer.concat([this.#rest, chunk])
    }
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    if (this.#rest.length > 0) yield this.#rest
    for (let chunk = await this.#stream.read(); chunk !== null; chunk = await this.#stream.read()) yield chunk
  }
}
