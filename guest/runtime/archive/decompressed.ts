/** An archive that may be compressed, as what it holds. Docker tells by the first bytes (moby, pkg/archive: DetectCompression). */
import { EngineError } from '../../protocol/errors.ts'

const MAGICS: readonly { name: string; bytes: readonly number[] }[] = [
  { name: 'gzip', bytes: [0x1f, 0x8b, 0x08] },
  { name: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
  { name: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
]
const LONGEST_MAGIC = 6

export type Compression = 'none' | 'gzip'

/** @throws EngineError `not-supported` naming the compression */
export function compressionOf(head: Uint8Array): Compression {
  const found = MAGICS.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  if (found === undefined) return 'none'
  if (found.name === 'gzip') return 'gzip'
  throw new EngineError(
    'not-supported',
    `the archive is compressed with ${found.name}, which is not supported; compress it with gzip or not at all`,
  )
}

/** The stream's first bytes, as many as `count` while there are so many, and the whole stream again. */
export async function peek(
  stream: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let size = 0
  while (size < count) {
    const next = await iterator.next()
    if (next.done) break
    first.push(next.value)
    size += next.value.length
  }
  const head = first.length === 1 ? first[0]! : Buffer.concat(first)
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (size > 0) yield head
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head, all: all() }
}

/** @throws EngineError `not-supported`; the stream rejects with `invalid` when it is damaged */
export async function decompressed(stream: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const { head, all } = await peek(stream, LONGEST_MAGIC)
  return compressionOf(head) === 'gzip' ? gunzip(all) : all
}

async function* gunzip(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { createGunzip } = await import('node:zlib')
  const { Readable } = await import('node:stream')
  const unpacked = createGunzip({ chunkSize: 65536 })
  const source = Readable.from(stream)
  source.on('error', (error) => unpacked.destroy(error))
  source.pipe(unpacked)
  try {
    for await (const chunk of unpacked) yield chunk as Uint8Array
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown
    throw new EngineError(
      'invalid',
      `the archive's gzip compression is damaged: ${String(thrown)}`,
      {},
      thrown,
    )
  } finally {
    source.destroy()
  }
}
