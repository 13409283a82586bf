import { EngineError } from '../../../guest/protocol/errors.ts'
import { StdcopyDecoder, type StreamPart } from '../../../guest/vocabulary/stdcopy.ts'

/** The log of a container without a terminal, in pieces as they come; one that ends inside a frame was cut off. */
export async function* demuxLogs(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamPart> {
  const decoder = new StdcopyDecoder()
  for await (const chunk of chunks) yield* decoder.push(chunk)
  if (!decoder.isBetweenFrames) throw new EngineError('unavailable', 'the log ended in the middle of a frame')
}
