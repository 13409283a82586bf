/** Whether ADD takes a file apart: a tar archive, or one that was compressed. */
import { constants, gunzipSync } from 'node:zlib'

const BLOCK = 512

export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd'

const MAGIC: readonly [Exclude<Compression, 'none'>, readonly number[]][] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

export const compressionOf = (head: Uint8Array): Compression =>
  MAGIC.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0] ?? 'none'

/** A tar header's checksum: the sum of its bytes, the checksum's own taken as blanks (POSIX, pax interchange format). */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK) return false
  const written = parseInt(
    Buffer.from(block.subarray(148, 156))
      .toString('latin1')
      .replace(/[\0 ]+$/, '')
      .trim(),
    8,
  )
  let sum = 8 * 32
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += block[index]!
  return sum === written
}

/** @param head the first bytes of the file. Of what only another program can unpack, the compression alone is asked. */
export function archiveType(head: Uint8Array): Compression | undefined {
  const compression = compressionOf(head)
  if (compression === 'none') return isTarHeader(head) ? 'none' : undefined
  if (compression !== 'gzip') return compression
  try {
    // The head is not the whole file: what can be had of it is enough.
    const start = gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
    return isTarHeader(start) ? 'gzip' : undefined
  } catch {
    return undefined
  }
}
