/** The far end of a hijacked connection that only listens: what a process writes, as text, up to a limit. */
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'

const HEADER = 8

export interface CollectedStream {
  stream: ByteStream
  text(): string
}

/** Takes frames of stdcopy.ts, a frame a write, as pipe-attachment.ts writes them; keeps the first `limit` bytes. */
export function collectStream(limit: number): CollectedStream {
  const chunks: Uint8Array[] = []
  let room = limit
  const stream: ByteStream = {
    read: () => Promise.resolve(null),
    write(chunk) {
      const bytes = chunk.slice(HEADER, HEADER + room)
      room -= bytes.length
      chunks.push(bytes)
      return Promise.resolve()
    },
    end: () => Promise.resolve(),
    reset: () => undefined,
    closed: Promise.resolve(),
  }
  const decoder = new TextDecoder()
  return { stream, text: () => chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') }
}
