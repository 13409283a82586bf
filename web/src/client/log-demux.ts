import { EngineError } from '../../../guest/protocol/errors.ts'
import { StdcopyDecoder, type StreamPart } from '../../../guest/vocabulary/stdcopy.ts'

/**
 * Splits the log of a container without a terminal into pieces as they come. Throws when the log ends inside a frame.
 */
export async function* demuxLogs(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamPart> {
  const decoder = new StdcopyDecoder()
  for await (const chunk of chunks) yield* decoder.push(chunk)
  if (!decoder.isBetweenFrames) throw new EngineError('unavailable', 'the log ended in the middle of a frame')
}
