/** Bodies of answers: as text, line by line, as JSON. */
import { EngineError } from '../../protocol/errors.ts'

/** Bytes. No command and no panel needs a larger answer at once. */
export const MAX_ANSWER_BYTES = 32 << 20

const MAX_LINE_CHARACTERS = 8 << 20

/** The whole body as text. Rejects with `too-large` beyond `limit` bytes. */
export async function readText(body: AsyncIterable<Uint8Array>, limit = MAX_ANSWER_BYTES): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw new EngineError('too-large', `the engine's answer is larger than ${limit} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Reads to the end, and keeps nothing. */
export async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body);
}

/**
 * Ends an answer that may not have been read. Only a generator that has begun runs its end, which frees what the engine
 * holds for the answer, such as the files of a container that must not start meanwhile.
 */
export async function letGo(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) break
}

/** The lines that are not empty. Rejects with `too-large`. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n')
    text = lines.pop()!
    if (text.length > MAX_LINE_CHARACTERS)
      throw new EngineError('too-large', 'a line of the stream is too long')
    for (const line of lines) if (line.trim() !== '') yield line
  }
  text += decoder.decode()
  if (text.trim() !== '') yield text
}
