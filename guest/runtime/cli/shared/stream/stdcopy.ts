/**
 * Docker's multiplexed stream: frames of [stream, 0, 0, 0, length (4 bytes, big endian), payload], where stream is
 * 0 stdin, 1 stdout, 2 stderr, 3 an error of the engine (Engine API, "Attach to a container", Stream format).
 */
import { EngineError } from '../../../../protocol/errors.ts'

export type StreamName = 'stdout' | 'stderr'

export interface StreamPart {
  stream: StreamName
  bytes: Uint8Array
}

const HEADER_BYTES = 8

/** Incremental: frames and headers may be split anywhere; payload is passed on as it comes, not gathered. */
export class StdcopyDecoder {
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerBytes = 0
  #left = 0
  #stream: StreamName | 'error' = 'stdout'
  #error = ''

  /** @throws EngineError `corrupt` for an unknown stream, `internal` for an error the engine reports in the stream */
  push(chunk: Uint8Array): StreamPart[] {
    const parts: StreamPart[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        at += this.#takeHeader(chunk, at)
        continue
      }
      const bytes = chunk.subarray(at, at + this.#left)
      at += bytes.length
      this.#left -= bytes.length
      if (this.#stream === 'error') this.#takeError(bytes)
      else parts.push({ stream: this.#stream, bytes })
    }
    return parts
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const part = chunk.subarray(at, at + HEADER_BYTES - this.#headerBytes)
    this.#header.set(part, this.#headerBytes)
    this.#headerBytes += part.length
    if (this.#headerBytes < HEADER_BYTES) return part.length
    this.#headerBytes = 0
    this.#left = new DataView(this.#header.buffer).getUint32(4)
    this.#stream = streamName(this.#header[0]!)
    return part.length
  }

  #takeError(bytes: Uint8Array): void {
    this.#error += new TextDecoder().decode(bytes)
    if (this.#left === 0) throw new EngineError('internal', `error from daemon in stream: ${this.#error}`)
  }
}

function streamName(id: number): StreamName | 'error' {
  if (id === 0 || id === 1) return 'stdout'
  if (id === 2) return 'stderr'
  if (id === 3) return 'error'
  throw new EngineError('corrupt', `unrecognized input header: ${id}`, { id })
}
