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

function pad(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concat(bytes, new Uint8Array(4 - (bytes.length % 4)))
}

/** An attribute. `nla_len` counts the header of 4 bytes and the payload, not the padding. */
export function attribute(type: number, payload: Uint8Array): Uint8Array {
  return pad(concat(u16(payload.length + 4), u16(type), payload))
}

export function nested(type: number, ...children: readonly Uint8Array[]): Uint8Array {
  return attribute(type | NLA_F_NESTED, concat(...children))
}

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
  const body = concat(pad(fields.header), ...(fields.attributes ?? []))
  return concat(
    u32(HEADER_BYTES + body.length),
    u16(fields.type),
    u16(fields.flags | NLM_F.request),
    u32(0),
    u32(0),
    body,
  )
}

/** Joins messages into one request, numbered from 1 so that each acknowledgement can be told apart. */
export function sequence(messages: readonly Uint8Array[]): Uint8Array {
  const request = concat(...messages)
  const view = new DataView(request.buffer)
  let offset = 0
  messages.forEach((one, index) => {
    view.setUint32(offset + 8, index + 1, true)
    offset += one.length
  })
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
