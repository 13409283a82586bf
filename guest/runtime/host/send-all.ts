import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../protocol/errors.ts'

/** Sends all bytes and ends the stream; when their source fails, resets it with the reason, so that the far end keeps nothing. */
export async function sendAll(stream: ByteStream, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of bytes) await stream.write(chunk)
    await stream.end()
  } catch (error) {
    stream.reset(EngineError.from(error).message)
    throw error
  }
}
