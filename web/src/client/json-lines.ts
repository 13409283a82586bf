import { EngineError } from '../../../guest/protocol/errors.ts'

const MAX_LINE_CHARACTERS = 8 << 20

/** Parses JSON values, one on each line, as Docker streams events, stats and pull progress. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n')
    text = lines.pop()!
    if (text.length > MAX_LINE_CHARACTERS)
      throw new EngineError('too-large', 'a line of the stream is too long')
    for (const line of lines) if (line.trim() !== '') yield parse(line)
  }
  text += decoder.decode()
  if (text.trim() !== '') yield parse(text)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new EngineError(
      'corrupt',
      `the engine sent a line that is not JSON: ${line.slice(0, 120)}`,
      {},
      cause,
    )
  }
}
