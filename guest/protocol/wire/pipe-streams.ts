import type { ByteStream } from './byte-stream.ts'
import { EngineError } from '../errors.ts'

/** Joins two streams until both directions have ended; what breaks one resets the other. Never rejects. */
export async function pipeStreams(a: ByteStream, b: ByteStream): Promise<void> {
  await Promise.all([copy(a, b), copy(b, a)]).catch((thrown: unknown) => {
    const { message } = EngineError.from(thrown)
    a.reset(message)
    b.reset(message)
  })
}

async function copy(from: ByteStream, to: ByteStream): Promise<void> {
  for (let chunk = await from.read(); chunk; chunk = await from.read()) await to.write(chunk)
  await to.end()
}
