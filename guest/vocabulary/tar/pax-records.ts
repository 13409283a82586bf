/** PAX extended header records, `length key=value\n` each: POSIX.1-2001 pax, "pax Extended Header". */
import { decodeByteString, encodeByteString } from '../byte-string.ts'
import { concatBytes } from '../concat-bytes.ts'
import { TarFormatError } from './format-error.ts'

const SPACE = 0x20
const EQUALS = 0x3d
const NEWLINE = 0x0a
const XATTR_PREFIX = 'SCHILY.xattr.'

export interface PaxOverrides {
  path?: string
  linkpath?: string
  size?: number
  uid?: number
  gid?: number
  mtime?: { seconds: number; nanoseconds: number }
  xattrs?: Record<string, Uint8Array>
}

/** @throws TarFormatError for broken records, and for sparse files, which no image builder writes */
export function decodePax(bytes: Uint8Array): PaxOverrides {
  const overrides: PaxOverrides = {}
  // A map first: an attribute may have any name, `__proto__` too.
  const xattrs = new Map<string, Uint8Array>()
  for (const [key, value] of records(bytes)) {
    if (key.startsWith('GNU.sparse.')) throw new TarFormatError('sparse files are not supported', 'sparse')
    if (key.startsWith(XATTR_PREFIX)) {
      xattrs.set(key.slice(XATTR_PREFIX.length), new Uint8Array(value))
      continue
    }
    // An empty value means: as if the record weren't there.
    if (value.length === 0) continue
    if (key === 'path' || key === 'linkpath') overrides[key] = decodeByteString(value)
    else if (key === 'size' || key === 'uid' || key === 'gid') overrides[key] = wholeNumber(key, value)
    else if (key === 'mtime') overrides.mtime = time(decodeByteString(value))
  }
  if (xattrs.size > 0) overrides.xattrs = Object.fromEntries(xattrs)
  return overrides
}

function* records(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  let start = 0
  while (start < bytes.length) {
    const space = bytes.indexOf(SPACE, start)
    const digits = space < 0 ? '' : decodeByteString(bytes.subarray(start, space))
    const end = start + Number(digits)
    if (!/^[0-9]{1,9}$/.test(digits) || end > bytes.length || bytes[end - 1] !== NEWLINE)
      throw new TarFormatError('an extended header is damaged')
    const equals = bytes.indexOf(EQUALS, space)
    if (equals < 0 || equals >= end - 1)
      throw new TarFormatError('an extended header has a record without a value')
    yield [decodeByteString(bytes.subarray(space + 1, equals)), bytes.subarray(equals + 1, end - 1)]
    start = end
  }
}

function wholeNumber(key: string, value: Uint8Array): number {
  const digits = decodeByteString(value)
  const number = Number(digits)
  if (!/^[0-9]+$/.test(digits) || !Number.isSafeInteger(number))
    throw new TarFormatError(`an extended header has the ${key} ${JSON.stringify(digits)}`)
  return number
}

/** Decimal seconds with any number of fraction digits, perhaps negative. */
function time(text: string): { seconds: number; nanoseconds: number } {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(text)
  if (match === null) throw new TarFormatError(`an extended header has the time ${JSON.stringify(text)}`)
  const whole = Number(match[2])
  const fraction = Number((match[3] ?? '').slice(0, 9).padEnd(9, '0'))
  if (match[1] === '') return { seconds: whole, nanoseconds: fraction }
  return fraction === 0
    ? { seconds: -whole, nanoseconds: 0 }
    : { seconds: -whole - 1, nanoseconds: 1e9 - fraction }
}

/** What a ustar header can't hold, as the content of the member before it. */
export function encodePax(overrides: PaxOverrides): Uint8Array {
  const { path, linkpath, mtime, xattrs = {} } = overrides
  const written: [string, Uint8Array][] = []
  if (path !== undefined) written.push(['path', encodeByteString(path)])
  if (linkpath !== undefined) written.push(['linkpath', encodeByteString(linkpath)])
  for (const key of ['size', 'uid', 'gid'] as const)
    if (overrides[key] !== undefined) written.push([key, encodeByteString(String(overrides[key]))])
  if (mtime !== undefined) written.push(['mtime', encodeByteString(formatTime(mtime))])
  for (const [name, value] of Object.entries(xattrs)) written.push([XATTR_PREFIX + name, value])
  return concatBytes(written.map(([key, value]) => encodeRecord(key, value)))
}

/** The length counts itself. @throws TarFormatError for a key that would end early */
function encodeRecord(key: string, value: Uint8Array): Uint8Array {
  if (key.includes('=')) throw new TarFormatError(`${JSON.stringify(key)} cannot be the key of a pax record`)
  const rest = concatBytes([encodeByteString(` ${key}=`), value, Uint8Array.of(NEWLINE)])
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return concatBytes([encodeByteString(String(length)), rest])
}

function formatTime({ seconds, nanoseconds }: { seconds: number; nanoseconds: number }): string {
  if (nanoseconds === 0) return String(seconds)
  const negative = seconds < 0
  const whole = negative ? -seconds - 1 : seconds
  const fraction = String(negative ? 1e9 - nanoseconds : nanoseconds).padStart(9, '0')
  return `${negative ? '-' : ''}${whole}.${fraction.replace(/0+$/, '')}`
}
