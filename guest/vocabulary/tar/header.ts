/**
 * The 512-byte header of a tar member: POSIX.1-1988 ustar, GNU and the unmarked v7 form.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * Ours, because the libraries decode PAX values and names as text, which destroys binary xattrs (security.capability)
 * and names that are not UTF-8, and none tells where a member's content starts.
 */
import { concatBytes } from '../concat-bytes.ts'
import { TarFormatError } from './format-error.ts'

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

/** A field of the header: where it begins, and its bytes. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  linkName: [157, 100],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const
type Field = keyof typeof FIELDS

const TYPE_FLAG = 156
const MAGIC = 257
const SLASH = 0x2f
const encoder = new TextEncoder()

/** Bytes from the end of a content to the next block. */
export const paddingOf = (size: number): number => (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK

export function isZeroBlock(block: Uint8Array): boolean {
  return block[0] === 0 && block.every((byte) => byte === 0)
}

/** Whether bytes begin as a tar archive does: with a block whose checksum is right. */
export function isTarHeader(bytes: Uint8Array): boolean {
  if (bytes.length < TAR_BLOCK) return false
  try {
    checkSum(bytes)
    return true
  } catch (thrown) {
    if (thrown instanceof TarFormatError) return false
    throw thrown
  }
}

/** @throws TarFormatError */
export function decodeTarHeader(block: Uint8Array): TarHeader {
  checkSum(block)
  const flag = block[TYPE_FLAG]!
  // 'ustar\0' is POSIX, 'ustar ' GNU, where the prefix field holds other things.
  const magic = ascii(block.subarray(MAGIC, MAGIC + 6))
  const prefix = magic === 'ustar\0' ? bytesOf(block, 'prefix') : new Uint8Array(0)
  const name = bytesOf(block, 'name')
  const marked = magic === 'ustar\0' || magic === 'ustar '
  return {
    type: flag === 0 ? '0' : String.fromCharCode(flag),
    name: prefix.length === 0 ? name : concatBytes([prefix, Uint8Array.of(SLASH), name]),
    linkName: bytesOf(block, 'linkName'),
    mode: numberOf(block, 'mode') & 0o7777,
    uid: numberOf(block, 'uid'),
    gid: numberOf(block, 'gid'),
    size: numberOf(block, 'size'),
    mtime: numberOf(block, 'mtime'),
    device: marked ? [numberOf(block, 'major'), numberOf(block, 'minor')] : [0, 0],
  }
}

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

function fieldOf(block: Uint8Array, field: Field): Uint8Array {
  const [start, length] = FIELDS[field]
  return block.subarray(start, start + length)
}

/** The field's bytes up to the first NUL; a copy, as the block's buffer is used again. */
function bytesOf(block: Uint8Array, field: Field): Uint8Array {
  const bytes = fieldOf(block, field)
  const end = bytes.indexOf(0)
  return new Uint8Array(end < 0 ? bytes : bytes.subarray(0, end))
}

/**
 * Reads octal digits padded with spaces and NULs, or GNU's base-256: two's complement, top bit of the first byte set.
 */
function numberOf(block: Uint8Array, field: Field): number {
  const bytes = fieldOf(block, field)
  if ((bytes[0]! & 0x80) !== 0) return base256(bytes)
  const digits = ascii(bytesOf(block, field)).trim()
  if (digits === '') return 0
  if (!/^[0-7]+$/.test(digits)) throw new TarFormatError(`a header has the number ${JSON.stringify(digits)}`)
  return parseInt(digits, 8)
}

function base256(bytes: Uint8Array): number {
  const negative = (bytes[0]! & 0x40) !== 0
  const first = (bytes[0]! & 0x3f) - (negative ? 0x40 : 0)
  const value = bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, first)
  if (!Number.isSafeInteger(value)) throw new TarFormatError('a header has a number beyond 2^53')
  return value
}

/** The sum of all bytes with the checksum field as spaces; some old tars summed signed bytes. */
function sumOf(block: Uint8Array, signed: boolean): number {
  const [start, length] = FIELDS.checksum
  let sum = 0
  for (let index = 0; index < TAR_BLOCK; index++) {
    const byte = index >= start && index < start + length ? 32 : block[index]!
    sum += signed && byte > 127 ? byte - 256 : byte
  }
  return sum
}

/** @throws TarFormatError */
function checkSum(block: Uint8Array): void {
  const sum = numberOf(block, 'checksum')
  if (sum !== sumOf(block, false) && sum !== sumOf(block, true))
    throw new TarFormatError('a header has a wrong checksum')
}

/** Whether a ustar header holds the number: octal digits and a NUL. */
export const fitsField = (field: 'uid' | 'gid' | 'size' | 'mtime', value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < 8 ** (FIELDS[field][1] - 1)

/** Whether a ustar header holds the target of a link. */
export const fitsLinkName = (name: Uint8Array): boolean => name.length <= FIELDS.linkName[1]

/** A name as prefix and name of a ustar header, cut at a slash; undefined when no cut lets it fit. */
export function splitName(path: Uint8Array): { prefix: Uint8Array; name: Uint8Array } | undefined {
  const nameLength = FIELDS.name[1]
  if (path.length <= nameLength) return { prefix: new Uint8Array(0), name: path }
  const slash = path.indexOf(SLASH, path.length - nameLength - 1)
  // A slash at the end belongs to the name.
  if (slash <= 0 || slash > FIELDS.prefix[1] || slash === path.length - 1) return undefined
  return { prefix: path.subarray(0, slash), name: path.subarray(slash + 1) }
}

/** A ustar header; numbers and names must fit. @throws TarFormatError */
export function encodeTarHeader(header: TarHeader): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(TAR_BLOCK)
  const names = splitName(header.name)
  if (names === undefined || !fitsLinkName(header.linkName))
    throw new TarFormatError('a name is too long for a header', 'field-too-long')
  block.set(names.name, FIELDS.name[0])
  block.set(names.prefix, FIELDS.prefix[0])
  block.set(header.linkName, FIELDS.linkName[0])
  const [major, minor] = header.device
  const { mode, uid, gid, size, mtime } = header
  for (const [field, value] of Object.entries({ mode, uid, gid, size, mtime, major, minor }))
    writeNumber(block, field as Field, value)
  block[TYPE_FLAG] = header.type.charCodeAt(0)
  block.set(encoder.encode('ustar\x0000'), MAGIC)
  const sum = sumOf(block, false).toString(8).padStart(6, '0')
  block.set(encoder.encode(`${sum}\0 `), FIELDS.checksum[0])
  return block
}

function writeNumber(block: Uint8Array, field: Field, value: number): void {
  const [start, length] = FIELDS[field]
  if (!Number.isInteger(value) || value < 0 || value >= 8 ** (length - 1))
    throw new TarFormatError(`${value} does not fit the ${field} of a header`, 'field-too-long')
  block.set(encoder.encode(value.toString(8).padStart(length - 1, '0')), start)
}
