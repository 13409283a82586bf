import type { Crc32 } from './crc32.ts'
import { EngineError } from '../errors.ts'
import { FRAME_START, HEADER_END, HEADER_SIZE, frameTypeOf, readU32 } from './frame.ts'
import type { Frame, FrameType } from './frame.ts'

export interface FrameDecoderOptions {
  /** Frames with a longer payload are refused. */
  maxPayload: number
  crc32: Crc32
  /**
   * True when the owner of the chunks uses them again: the decoder then copies payloads, which otherwise may be views
   * of the chunks.
   */
  copy?: boolean
}

/**
 * Incremental decoder of one session's bytes in one direction. Throws EngineError `corrupt` at the first byte that
 * cannot belong to a frame; after that it must not be fed again.
 */
export class FrameDecoder {
  readonly #options: FrameDecoderOptions
  readonly #header = new Uint8Array(HEADER_SIZE)
  #headerFill = 0
  #payload: Uint8Array | null = null
  #payloadFill = 0

  constructor(options: FrameDecoderOptions) {
    this.#options = options
  }

  /** True between frames: a stream that ends elsewhere was truncated. */
  get atBoundary(): boolean {
    return this.#headerFill === 0
  }

  /** `onFrame` is called in order, synchronously. */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#headerFill < HEADER_SIZE) {
        at = this.#fillHeader(chunk, at)
        if (this.#headerFill < HEADER_SIZE) return
      }
      const length = this.#payloadLength()
      if (this.#payload === null && !this.#options.copy && chunk.length - at >= length) {
        const payload = chunk.subarray(at, at + length)
        at += length
        this.#finish(payload, onFrame)
        continue
      }
      this.#payload ??= new Uint8Array(length)
      const part = chunk.subarray(at, at + length - this.#payloadFill)
      this.#payload.set(part, this.#payloadFill)
      this.#payloadFill += part.length
      at += part.length
      if (this.#payloadFill === length) this.#finish(this.#payload, onFrame)
    }
  }

  #fillHeader(chunk: Uint8Array, from: number): number {
    const part = chunk.subarray(from, from + HEADER_SIZE - this.#headerFill)
    this.#header.set(part, this.#headerFill)
    this.#headerFill += part.length
    if (this.#header[0] !== FRAME_START) {
      throw corrupt(`a frame starts with byte ${hex(this.#header[0]!)} where ${hex(FRAME_START)} belongs`)
    }
    if (this.#headerFill === HEADER_SIZE) this.#checkHeader()
    return from + part.length
  }

  #checkHeader(): void {
    const code = this.#header[5]!
    if (this.#header[12] !== HEADER_END) throw corrupt('a frame header does not end as one')
    if (frameTypeOf(code) === undefined) throw corrupt(`unknown frame type ${code}`)
    const { maxPayload } = this.#options
    if (this.#payloadLength() > maxPayload) {
      throw corrupt(`a frame of ${this.#payloadLength()} bytes exceeds the limit of ${maxPayload}`)
    }
  }

  #payloadLength(): number {
    return this.#header[6]! | (this.#header[7]! << 8)
  }

  #finish(payload: Uint8Array, onFrame: (frame: Frame) => void): void {
    const { crc32 } = this.#options
    const type = frameTypeOf(this.#header[5]!) as FrameType
    const stream = readU32(this.#header, 8)
    const sum = crc32(payload, crc32(this.#header.subarray(5)))
    if (sum !== readU32(this.#header, 1)) throw corrupt(`the checksum of a ${type} frame is wrong`)
    this.#headerFill = 0
    this.#payload = null
    this.#payloadFill = 0
    onFrame({ type, stream, payload })
  }
}

function corrupt(what: string): EngineError {
  return new EngineError('corrupt', `channel: ${what}; the session was closed`)
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`
}
