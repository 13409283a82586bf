import { EngineError } from '../../../guest/protocol/errors.ts'

export interface LogChunk {
  stream: 'stdin' | 'stdout' | 'stderr'
  bytes: Uint8Array
}

const STREAMS = ['stdin', 'stdout', 'stderr'] as const
const HEADER_BYTES = 8
/** Docker writes a frame per read, at most 64 KiB; anything near this is not a frame. */
const MAX_FRAME_BYTES = 16 << 20

/**
 * Docker's stream format for containers without a terminal: frames of `{stream, 0, 0, 0, length as big-endian u32}` and
 * payload (https://docs.docker.com/reference/api/engine/, attach). Pieces of a payload are yielded as they come.
 */
export async function* demuxLogs(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogChunk> {
  let header: number[] = []
  let left = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      if (left > 0) {
        const bytes = chunk.subarray(at, at + left)
        yield { stream: STREAMS[header[0]!]!, bytes }
        left -= bytes.length
        at += bytes.length
        if (left === 0) header = []
        continue
      }
      header.push(chunk[at++]!)
      if (header.length < HEADER_BYTES) continue
      left = frameLength(header)
      if (left === 0) header = []
    }
  }
  if (header.length > 0) throw new EngineError('unavailable', 'the log ended in the middle of a frame')
}

function frameLength(header: number[]): number {
  const [stream, a, b, c, ...length] = header
  const size = length.reduce((sum, byte) => sum * 256 + byte, 0)
  if (STREAMS[stream!] === undefined || a || b || c || size > MAX_FRAME_BYTES) {
    throw new EngineError('corrupt', `${header.join(' ')} is not the header of a log frame`)
  }
  return size
}
