/** Bytes of archives on their way to the launcher's `tar-unpack`: read, and unpacked when they are compressed. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { EngineError } from '../../protocol/errors.ts'
import { compressionOf } from './archive-type.ts'

/** The longest magic number. */
const MAGIC_LENGTH = 6

async function* gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  const source = Readable.from(bytes)
  source.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Uint8Array
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown
    throw new EngineError(
      'invalid',
      `the archive is no valid gzip stream: ${(thrown as Error).message}`,
      {},
      thrown,
    )
  } finally {
    source.destroy()
  }
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** An archive's tar, whether it comes as it is or compressed with gzip. Throws `not-supported` for the others. */
export async function* tarOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < MAGIC_LENGTH) {
    const next = await source.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  const compression = compressionOf(head)
  if (compression === 'none') yield* joined(head, source)
  else if (compression === 'gzip') yield* gunzipped(joined(head, source))
  else
    throw new EngineError(
      'not-supported',
      `the archive is compressed with ${compression}, which this engine cannot unpack: send it uncompressed or with gzip`,
      { compression },
    )
}

export const tarFile = (path: string): AsyncIterable<Uint8Array> => tarOf(createReadStream(path))
