/**
 * Netlink messages (RFC 3549; linux/netlink.h): little-endian header, attributes aligned to 4 bytes.
 * Everything here is a pure function from values to bytes and back.
 */
import { concatBytes } from '../../../../vocabulary/concat-bytes.ts'

export const NLM_F = {
  request: 0x1,
  acknowledge: 0x4,
  replace: 0x100,
  excl: 0x200,
  create: 0x400,
  append: 0x800,
  /** NLM_F_ROOT | NLM_F_MATCH. */
  dump: 0x300,
} as const

const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLA_F_NESTED = 0x8000
const NLA_TYPE_MASK = 0x3fff
const HEADER_BYTES = 16
const NLA_HEADER_BYTES = 4

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const u8 = (value: number): Uint8Array => Uint8Array.of(value)
export const u16 = (value: number): Uint8Array => Uint8Array.of(value & 255, value >>> 8)
export const u32 = (value: number): Uint8Array =>
  Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24)
/** Big-endian, as nf_tables has all its numbers. */
export const u16be = (value: number): Uint8Array => u16(value).reverse()
export const u32be = (value: number): Uint8Array => u32(value).reverse()
/** Text that ends in a NUL. */
export const text = (value: string): Uint8Array => encoder.encode(`${value}\0`)

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => concatBytes(parts)

/** Attributes and headers begin at multiples of 4 bytes. */
const padded = (length: number): number => (length + 3) & ~3

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0)

function putAll(into: Uint8Array, at: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    into.set(part, at)
    at += part.length
  }
}

function put16(into: Uint8Array, at: number, value: number): void {
  into[at] = value
  into[at + 1] = value >>> 8
}

export function put32(into: Uint8Array, at: number, value: number): void {
  put16(into, at, value)
  put16(into, at + 2, value >>> 16)
}

/**
 * An attribute around what it has. `nla_len` counts the header of 4 bytes and the payload, not the padding. A container's
 * network takes some hundred attributes, so each is made in one piece.
 */
function attributeOf(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = NLA_HEADER_BYTES + lengthOf(parts)
  const bytes = new Uint8Array(padded(length))
  put16(bytes, 0, length)
  put16(bytes, 2, type)
  putAll(bytes, NLA_HEADER_BYTES, parts)
  return bytes
}

export function attribute(type: number, payload: Uint8Array): Uint8Array {
  const length = NLA_HEADER_BYTES + payload.length
  const bytes = new Uint8Array(padded(length))
  put16(bytes, 0, length)
  put16(bytes, 2, type)
  bytes.set(payload, NLA_HEADER_BYTES)
  return bytes
}

/** An attribute that is a 32-bit number. */
export function numberAttribute(type: number, value: number): Uint8Array {
  const bytes = new Uint8Array(NLA_HEADER_BYTES + 4)
  put16(bytes, 0, bytes.length)
  put16(bytes, 2, type)
  put32(bytes, NLA_HEADER_BYTES, value)
  return bytes
}

export const nested = (type: number, ...children: readonly Uint8Array[]): Uint8Array =>
  attributeOf(type | NLA_F_NESTED, children)

export interface MessageFields {
  type: number
  /** NLM_F bits beside `request`. */
  flags: number
  /** The family's fixed header: ifinfomsg, nfgenmsg … */
  header: Uint8Array
  attributes?: readonly Uint8Array[]
}

/** One message with sequence number 0; `sequence` numbers those of a request. */
export function message(fields: MessageFields): Uint8Array {
  const { header, attributes = [] } = fields
  const start = HEADER_BYTES + padded(header.length)
  const length = start + lengthOf(attributes)
  const bytes = new Uint8Array(length)
  put32(bytes, 0, length)
  put16(bytes, 4, fields.type)
  put16(bytes, 6, fields.flags | NLM_F.request)
  bytes.set(header, HEADER_BYTES)
  putAll(bytes, start, attributes)
  return bytes
}

/** Joins messages into one request, numbered from 1 so that each acknowledgement can be told apart. */
export function sequence(messages: readonly Uint8Array[]): Uint8Array {
  const request = concatBytes(messages)
  let offset = 0
  for (let index = 0; index < messages.length; index++) {
    put32(request, offset + 8, index + 1)
    offset += messages[index]!.length
  }
  return request
}

export interface DecodedMessage {
  type: number
  flags: number
  sequence: number
  payload: Uint8Array
}

/**
 * The messages of an answer without `NLMSG_ERROR` and `NLMSG_DONE`, which carry no data. Throws RangeError on a
 * truncated message.
 */
export function decodeMessages(bytes: Uint8Array): DecodedMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: DecodedMessage[] = []
  for (let offset = 0; offset < bytes.length;) {
    if (bytes.length - offset < HEADER_BYTES) throw new RangeError(`netlink header cut off at byte ${offset}`)
    const length = view.getUint32(offset, true)
    if (length < HEADER_BYTES || offset + length > bytes.length) {
      throw new RangeError(`netlink message at byte ${offset} claims ${length} bytes`)
    }
    const type = view.getUint16(offset + 4, true)
    if (type !== NLMSG_ERROR && type !== NLMSG_DONE) {
      messages.push({
        type,
        flags: view.getUint16(offset + 6, true),
        sequence: view.getUint32(offset + 8, true),
        payload: bytes.subarray(offset + HEADER_BYTES, offset + length),
      })
    }
    offset += (length + 3) & ~3
  }
  return messages
}

/** Attributes by type; the last of a type wins. Throws RangeError on a truncated attribute. */
export function decodeAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const attributes = new Map<number, Uint8Array>()
  for (let offset = 0; offset + 4 <= bytes.length;) {
    const length = view.getUint16(offset, true)
    if (length < 4 || offset + length > bytes.length) {
      throw new RangeError(`netlink attribute at byte ${offset} claims ${length} bytes`)
    }
    attributes.set(
      view.getUint16(offset + 2, true) & NLA_TYPE_MASK,
      bytes.subarray(offset + 4, offset + length),
    )
    offset += (length + 3) & ~3
  }
  return attributes
}

export function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

export function readU32(bytes: Uint8Array, offset = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true)
}
