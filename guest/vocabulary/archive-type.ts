/** What a file's first bytes say: how it is compressed, whether it is a tar archive. */

/** Bytes of a tar header. */
export const BLOCK = 512

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
