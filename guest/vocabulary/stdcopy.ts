/**
 * Docker's multiplexed stream: frames of [stream, 0, 0, 0, length (4 bytes, big-endian)] and payload, where stream is 0 stdin,
 * 1 stdout, 2 stderr, 3 an error of the engine (moby pkg/stdcopy; Engine API, ContainerAttach, "Stream format").
 */
import { EngineError } from '../protocol/errors.ts'

export type OutputStream = 'stdout' | 'stderr'

export interface StreamPart {
  stream: OutputStream
  /** A view of what was pushed: some or all bytes of a frame. */
  bytes: Uint8Array
}

const HEADER_BYTES = 8
const NUMBER = { stdout: 1, stderr: 2 } as const satisfies Record<OutputStream, number>
/** Streams by number; Docker shows frames of stdin as stdout. */
const STREAMS = ['stdout', 'stdout', 'stderr', 'error'] as const
/** Bytes kept of the engine's error: a sentence. */
const ERROR_LIMIT = 64 * 1024

export function stdcopyFrame(stream: OutputStream, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + bytes.length)
  frame[0] = NUMBER[stream]
  frame[4] = bytes.length >>> 24
  frame[5] = bytes.length >>> 16
  frame[6] = bytes.length >>> 8
  frame[7] = bytes.length
  frame.set(bytes, HEADER_BYTES)
  return frame
}

/** Reads incrementally: frames may be cut anywhere, and payload is passed on as it comes, not gathered. */
export class StdcopyDecoder {
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerBytes = 0
  #left = 0
  #stream: (typeof STREAMS)[number] = 'stdout'
  #error = ''
  readonly #errorText = new TextDecoder()

  /** @throws EngineError `corrupt` for an unknown stream, `internal` for an error that the engine reports in the stream */
  push(chunk: Uint8Array): StreamPart[] {
    const parts: StreamPart[] = []
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) {
        at += this.#takeHeader(chunk.subarray(at))
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

  /** The stream may end here: no frame is begun. */
  get isBetweenFrames(): boolean {
    return this.#left === 0 && this.#headerBytes === 0
  }

  #takeHeader(chunk: Uint8Array): number {
    const part = chunk.subarray(0, HEADER_BYTES - this.#headerBytes)
    this.#header.set(part, this.#headerBytes)
    this.#headerBytes += part.length
    if (this.#headerBytes < HEADER_BYTES) return part.length
    this.#headerBytes = 0
    const [number = 0, , , , ...length] = this.#header
    this.#left = length.reduce((sum, byte) => sum * 256 + byte, 0)
    const stream = STREAMS[number]
    if (stream === undefined)
      throw new EngineError('corrupt', `Unrecognized input header: ${number}`, { number })
    this.#stream = stream
    if (stream === 'error' && this.#left === 0) this.#takeError(new Uint8Array(0))
    return part.length
  }

  #takeError(bytes: Uint8Array): void {
    if (this.#error.length < ERROR_LIMIT) this.#error += this.#errorText.decode(bytes, { stream: true })
    if (this.#left === 0)
      throw new EngineError('internal', `error from daemon in stream: ${this.#error.slice(0, ERROR_LIMIT)}`)
  }
}
