/** A far end for a hijacked connection whose client only listens: it collects a process's output as text, up to a limit. */
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'

const HEADER = 8
/** The first byte of a frame's header when the frame is standard error's: see stdcopy.ts. */
const STDERR = 2
/** The text that moby's limitedBuffer appends to a text that it cut (daemon/health.go). */
const CUT = '...'

export interface CollectedStream {
  stream: ByteStream
  /**
   * All text that was written so far; it may be called any number of times. A character cut by the limit is one
   * replacement character.
   */
  text(): string
}

/** Takes frames of stdcopy.ts, one in each write, as pipe-attachment.ts writes them; keeps the first `limit` bytes. */
export function collectStream(limit: number): CollectedStream {
  const chunks: { stderr: boolean; bytes: Uint8Array }[] = []
  let room = limit
  let cut = false
  const stream: ByteStream = {
    read: () => Promise.resolve(null),
    write(chunk) {
      const bytes = chunk.slice(HEADER, HEADER + room)
      cut ||= bytes.length < chunk.length - HEADER
      room -= bytes.length
      if (bytes.length > 0) chunks.push({ stderr: chunk[0] === STDERR, bytes })
      return Promise.resolve()
    },
    end: () => Promise.resolve(),
    reset: () => undefined,
    closed: Promise.resolve(),
  }
  return { stream, text: () => decode(chunks) + (cut ? CUT : '') }
}

/** Decodes the two outputs apart, so that a character that one of them has split is not mixed with the other's. */
function decode(chunks: readonly { stderr: boolean; bytes: Uint8Array }[]): string {
  const decoders = { true: new TextDecoder(), false: new TextDecoder() }
  const parts = chunks.map(({ stderr, bytes }) => decoders[`${stderr}`].decode(bytes, { stream: true }))
  return parts.join('') + decoders.false.decode() + decoders.true.decode()
}
