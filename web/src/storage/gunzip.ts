import { EngineError } from '../../../guest/protocol/errors.ts'

/** The pair of streams that a DecompressionStream is. */
export interface Unpacker {
  readable: ReadableStream<Uint8Array>
  writable: WritableStream<Uint8Array<ArrayBuffer>>
}

let createUnpacker = (): Unpacker => new DecompressionStream('gzip')

/**
 * Replaces gunzip in this process. Node's DecompressionStream passes 16 KiB at a time through its event loop; while a
 * machine fills every turn of that loop, a layer of 70 MB takes a minute. Browsers unpack within the call.
 */
export function useUnpacker(create: () => Unpacker): void {
  createUnpacker = create
}

/**
 * Unpacks gzip bytes whose unpacked size is known.
 * @throws EngineError `corrupt` naming `what` when they are damaged or unpack to another size
 */
export async function gunzip(bytes: Uint8Array, size: number, what: string): Promise<Uint8Array> {
  const target = new Uint8Array(size)
  let length = 0
  for await (const part of gunzipStream([bytes], what)) {
    // Checked while unpacking, so that a bomb never gets beyond the size it claims.
    if (length + part.length > size)
      throw new EngineError('corrupt', `${what} unpacks to more than ${size} bytes`)
    target.set(part, length)
    length += part.length
  }
  if (length !== size)
    throw new EngineError('corrupt', `${what} unpacks to ${length} bytes, expected ${size}`)
  return target
}

/** The unpacked bytes of a gzip stream, as they come. Rejects with EngineError `corrupt` naming `what` on damage. */
export async function* gunzipStream(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const unpacker = createUnpacker()
  const writer = unpacker.writable.getWriter()
  let sourceError: unknown
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of source) await writer.write(chunk as Uint8Array<ArrayBuffer>)
      await writer.close()
    } catch (error) {
      sourceError = error
      await writer.abort(error).catch(() => undefined)
    }
  }
  const feeding = feed()
  const reader = unpacker.readable.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      yield value
    }
  } catch (error) {
    if (sourceError instanceof EngineError) throw sourceError
    throw new EngineError('corrupt', `${what} is not a whole gzip stream`, {}, error)
  } finally {
    await reader.cancel().catch(() => undefined)
    await feeding
  }
}
