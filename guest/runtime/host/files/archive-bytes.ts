/** Bytes of archives on their way to the launcher's `tar-unpack`: read, and unpacked when they are compressed. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { isPiped } from '../../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { compressionOf, type Compression } from '../../../vocabulary/compression.ts'
import { isTarHeader, TAR_BLOCK } from '../../../vocabulary/tar/header.ts'

/** The longest magic number. */
const MAGIC_LENGTH = 6

/** Programs of the guest (busybox has both), as dockerd runs xz. */
const UNPACKERS: Partial<Record<Compression, [string, ...string[]]>> = {
  bzip2: ['bzip2', '-dc'],
  xz: ['xz', '-dc'],
}

async function* gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  const source = Readable.from(bytes)
  source.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Uint8Array
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown
    throw notValid('gzip', thrown)
  } finally {
    source.destroy()
  }
}

const notValid = (compression: Compression, thrown: unknown) =>
  new EngineError(
    'invalid',
    `the archive is no valid ${compression} stream: ${(thrown as Error).message}`,
    { compression },
    thrown,
  )

async function* unpackedBy(
  compression: Compression,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const program = UNPACKERS[compression]
  if (program === undefined) {
    await bytes[Symbol.asyncIterator]().return?.()
    throw new EngineError(
      'not-supported',
      `the archive is compressed with ${compression}, which this engine cannot unpack: use gzip, xz, bzip2 or none`,
      { compression },
    )
  }
  const { throughProgram } = await import('./through-program.ts')
  try {
    yield* throughProgram(program, bytes)
  } catch (thrown) {
    throw thrown instanceof EngineError && 'program' in thrown.details
      ? notValid(compression, thrown)
      : thrown
  }
}

/** Yields `head`, then `rest`; ends the source when the reader leaves, even before its first read. */
export function joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterableIterator<Uint8Array> {
  let first = head.length > 0
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next() {
      if (!first) return rest.next()
      first = false
      return Promise.resolve({ done: false, value: head })
    },
    async return() {
      await rest.return?.()
      return { done: true, value: undefined }
    },
  }
}

/** At least `length` bytes, or all there are. */
async function headOf(source: AsyncIterator<Uint8Array>, length: number): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array()
  while (head.length < length) {
    const next = await source.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

export interface OpenedArchive {
  compression: Compression
  /** The archive from its beginning, not decompressed. It can be piped when it could before. */
  bytes: AsyncIterable<Uint8Array>
}

export async function openArchive(archive: AsyncIterable<Uint8Array>): Promise<OpenedArchive> {
  if (isPiped(archive)) {
    const head = (await archive.peek?.(MAGIC_LENGTH)) ?? new Uint8Array()
    return { compression: compressionOf(head), bytes: archive }
  }
  const source = archive[Symbol.asyncIterator]()
  const head = await headOf(source, MAGIC_LENGTH)
  return { compression: compressionOf(head), bytes: joined(head, source) }
}

/** An archive's tar. Throws EngineError: `invalid` for damaged compression, `not-supported` for zstd. */
export async function* tarOf(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { compression, bytes } = await openArchive(archive)
  if (compression === 'none') yield* bytes
  else if (compression === 'gzip') yield* gunzipped(bytes)
  else yield* unpackedBy(compression, bytes)
}

/** An archive's tar, which goes on past the engine when it can and needs no unpacking. Throws as `tarOf` does. */
export async function openTar(archive: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  if (!isPiped(archive)) return tarOf(archive)
  const { compression } = await openArchive(archive)
  return compression === 'none' ? archive : tarOf(archive)
}

/** The tar of an archive that is a file. */
export const tarFile = (path: string): AsyncGenerator<Uint8Array> => tarOf(createReadStream(path))

/** Whether ADD takes a file apart: it begins, once unpacked, as a tar archive does. Throws `not-supported` for zstd. */
export async function isArchive(path: string): Promise<boolean> {
  const tar = tarFile(path)
  try {
    return isTarHeader(await headOf(tar, TAR_BLOCK))
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'invalid') return false
    throw thrown
  } finally {
    await tar.return(undefined)
  }
}
