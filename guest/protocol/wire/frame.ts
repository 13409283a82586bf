/**
 * Frames: what passes in both directions once a session has begun.
 * SPEC.md, "Frames", is the definition; fixtures/frames.json its bytes.
 *
 *   offset 0  1  start byte 0x50
 *          1  4  CRC-32 of everything from offset 5 to the end of the payload, little-endian
 *          5  1  type
 *          6  2  payload length, little-endian
 *          8  4  stream id, little-endian; 0 for the session
 *         12  1  end-of-header byte 0x70
 *         13  …  payload
 */
import type { Crc32 } from './crc32.ts'

export const FRAME_TYPES = {
  hello: 1, // after a SYNC only: JSON Hello
  credit: 2, // guest → page: u16, sends that the guest has taken out of the device
  open: 3, // JSON StreamOpen
  accept: 4,
  refuse: 5, // JSON SerializedError
  data: 6,
  window: 7, // u32, bytes more that the sender of this frame is ready to take
  end: 8,
  reset: 9, // UTF-8 reason
  goodbye: 10, // JSON SerializedError: the session ends in order
} as const

export type FrameType = keyof typeof FRAME_TYPES

export interface Frame {
  type: FrameType
  stream: number
  payload: Uint8Array
}

export const FRAME_START = 0x50
export const HEADER_END = 0x70
export const HEADER_SIZE = 13

/** A virtio-console receive buffer of the guest: PAGE_SIZE. v86 cuts a longer send off. */
export const MAX_SEND = 4096
/** Half of the send credit a frame: the next is under way while one is decoded. Small frames cost the guest most. */
export const MAX_PAYLOAD_TO_GUEST = 8 * MAX_SEND - HEADER_SIZE
/** Bounds what the decoder buffers; 64 KB writes are where the guest's console reaches its full speed. */
export const MAX_PAYLOAD_TO_PAGE = 0xffff

/** Sends that a frame to the guest takes: it begins with one of its own, and all but its last are full. */
export function sendsOf(payloadLength: number): number {
  return Math.ceil((HEADER_SIZE + payloadLength) / MAX_SEND)
}

const NAMES = new Map<number, FrameType>(
  (Object.keys(FRAME_TYPES) as FrameType[]).map((name) => [FRAME_TYPES[name], name]),
)

export function frameTypeOf(code: number): FrameType | undefined {
  return NAMES.get(code)
}

/** Writes the frame at `offset` of `target`; returns the offset after it. */
export function writeFrame(target: Uint8Array, offset: number, frame: Frame, crc32: Crc32): number {
  const { payload, stream } = frame
  const end = offset + HEADER_SIZE + payload.length
  target[offset] = FRAME_START
  target[offset + 5] = FRAME_TYPES[frame.type]
  target[offset + 6] = payload.length & 0xff
  target[offset + 7] = payload.length >>> 8
  writeU32(target, offset + 8, stream)
  target[offset + 12] = HEADER_END
  target.set(payload, offset + HEADER_SIZE)
  writeU32(target, offset + 1, crc32(target.subarray(offset + 5, end)))
  return end
}

export function encodeFrame(frame: Frame, crc32: Crc32): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + frame.payload.length)
  writeFrame(bytes, 0, frame, crc32)
  return bytes
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}
