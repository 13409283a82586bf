/**
 * The 512-byte header of a tar member: POSIX.1-1988 ustar, GNU and the unmarked v7 form.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * Ours, because the libraries decode PAX values and names as text, which destroys binary xattrs (security.capability)
 * and names that are not UTF-8, and none tells where a member's content starts.
 */
export const TAR_BLOCK = 512

export interface TarHeader {
  /** The type flag as a character; '0' for the old NUL. */
  type: string
  name: Uint8Array
  linkName: Uint8Array
  mode: number
  uid: number
  gid: number
  /** Bytes. */
  size: number
  /** Seconds. */
  mtime: number
  device: [major: number, minor: number]
}

/** A sentence that says what is wrong; the caller knows the archive's name. */
export class TarFormatError extends Error {}

export function isZeroBlock(block: Uint8Array): boolean {
  return block[0] === 0 && block.every((byte) => byte === 0)
}

/** @throws TarFormatError */
export function decodeTarHeader(block: Uint8Array): TarHeader {
  const sum = number(block, 148, 8)
  if (sum !== checksum(block, false) && sum !== checksum(block, true))
    throw new TarFormatError('a header has a wrong checksum')
  const flag = block[156]!
  // 'ustar\0' is POSIX, 'ustar ' GNU, where the prefix field holds other things.
  const posix = text(block, 257, 6) === 'ustar' && block[262] === 0
  const marked = posix || text(block, 257, 6) === 'ustar '
  const prefix = posix ? field(block, 345, 155) : new Uint8Array(0)
  const name = field(block, 0, 100)
  return {
    type: flag === 0 ? '0' : String.fromCharCode(flag),
    name: prefix.length === 0 ? name : join(prefix, name),
    linkName: field(block, 157, 100),
    mode: number(block, 100, 8) & 0o7777,
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    size: number(block, 124, 12),
    mtime: number(block, 136, 12),
    device: marked ? [number(block, 329, 8), number(block, 337, 8)] : [0, 0],
  }
}

function join(prefix: Uint8Array, name: Uint8Array): Uint8Array {
  const joined = new Uint8Array(prefix.length + 1 + name.length)
  joined.set(prefix)
  joined[prefix.length] = 0x2f
  joined.set(name, prefix.length + 1)
  return joined
}

/** Up to the first NUL. A copy: the block's buffer is used again. */
function field(block: Uint8Array, start: number, length: number): Uint8Array {
  const bytes = block.subarray(start, start + length)
  const end = bytes.indexOf(0)
  return bytes.slice(0, end < 0 ? length : end)
}

function text(block: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...field(block, start, length))
}

/** Octal digits padded with spaces and NULs, or GNU's base-256: two's complement, top bit of the first byte set. */
function number(block: Uint8Array, start: number, length: number): number {
  if ((block[start]! & 0x80) !== 0) return base256(block, start, length)
  const digits = text(block, start, length).trim()
  if (digits === '') return 0
  if (!/^[0-7]+$/.test(digits)) throw new TarFormatError(`a header has the number ${JSON.stringify(digits)}`)
  return parseInt(digits, 8)
}

function base256(block: Uint8Array, start: number, length: number): number {
  const negative = (block[start]! & 0x40) !== 0
  let value = (block[start]! & 0x3f) - (negative ? 0x40 : 0)
  for (let index = 1; index < length; index++) value = value * 256 + block[start + index]!
  if (!Number.isSafeInteger(value)) throw new TarFormatError('a header has a number beyond 2^53')
  return value
}

/** The sum of all bytes with the checksum field as spaces; some old tars summed signed bytes. */
function checksum(block: Uint8Array, signed: boolean): number {
  let sum = 8 * 32
  for (let index = 0; index < TAR_BLOCK; index++) {
    if (index >= 148 && index < 156) continue
    const byte = block[index]!
    sum += signed && byte > 127 ? byte - 256 : byte
  }
  return sum
}
