/**
 * Bytes of an archive that a program of the guest can put into a named pipe, where another one reads them: so they do not pass
 * the engine, which would only copy them (guest/native/connection/plan_stream.h, docker-client/pipe.c).
 */
export interface PipedBytes extends AsyncIterable<Uint8Array> {
  /**
   * The first bytes, at least `length` of them or all there are; they come again with the others. Absent for what is sure
   * to be a tar.
   */
  peek?(length: number): Promise<Uint8Array>
  /**
   * Puts all bytes into a pipe that somebody reads, in place of iterating, and resolves with their number when they are in
   * it; iterating gives nothing then. Rejects as iterating would, or with the errno EPIPE in the details when the reader
   * has left.
   * @param onBytes told now and then how many there were so far
   */
  pipeTo(path: string, onBytes?: (bytes: number) => void): Promise<number>
}

export const isPiped = (bytes: AsyncIterable<Uint8Array> | undefined): bytes is PipedBytes =>
  bytes !== undefined && 'pipeTo' in bytes

export interface BytesWatch {
  /** Told how many bytes there were so far; iterating waits for it. */
  passed?(bytes: number): void | Promise<void>
  /** All have passed. */
  whole?(bytes: number): void | Promise<void>
  /** They have passed, have failed or were left. */
  over?(): void
}

/** Returns the same bytes, and tells `watch` how they pass. The result can be piped when `bytes` can. */
export function watchBytes(bytes: AsyncIterable<Uint8Array>, watch: BytesWatch): AsyncIterable<Uint8Array> {
  const read = readWatched(bytes, watch)
  if (!isPiped(bytes)) return read
  let taken = false
  const piped: PipedBytes = {
    [Symbol.asyncIterator]: () => (taken ? nothing() : read),
    pipeTo: (path, onBytes) => {
      taken = true
      return pipeWatched(bytes, path, watch, onBytes)
    },
  }
  if (bytes.peek !== undefined) piped.peek = (length) => bytes.peek!(length)
  return piped
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* readWatched(
  bytes: AsyncIterable<Uint8Array>,
  { passed, whole, over }: BytesWatch,
): AsyncGenerator<Uint8Array> {
  let total = 0
  try {
    for await (const chunk of bytes) {
      total += chunk.length
      await passed?.(total)
      yield chunk
    }
    await whole?.(total)
  } finally {
    over?.()
  }
}

async function pipeWatched(
  bytes: PipedBytes,
  path: string,
  { passed, whole, over }: BytesWatch,
  onBytes: ((bytes: number) => void) | undefined,
): Promise<number> {
  try {
    const total = await bytes.pipeTo(path, (bytes) => {
      void passed?.(bytes)
      onBytes?.(bytes)
    })
    await whole?.(total)
    return total
  } finally {
    over?.()
  }
}
