import { crc32 as zlibCrc32 } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.ts'
import fixtures from './fixtures/frames.json'
import { FRAME_TYPES, HEADER_SIZE, encodeFrame } from './frame.ts'
import type { Frame, FrameType } from './frame.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { SYNC, SyncScanner, findSync, lengthBeforeSync } from './sync.ts'

const frames = fixtures.frames.map(({ type, stream, payload, bytes }) => ({
  frame: { type: type as FrameType, stream, payload: Buffer.from(payload, 'hex') },
  bytes: Buffer.from(bytes, 'hex'),
}))

function decode(chunks: Uint8Array[], maxPayload = 0xffff): Frame[] {
  const decoder = new FrameDecoder({ maxPayload, crc32 })
  const decoded: Frame[] = []
  for (const chunk of chunks) {
    decoder.push(chunk, (frame) => decoded.push({ ...frame, payload: Buffer.from(frame.payload) }))
  }
  expect(decoder.atBoundary).toBe(true)
  return decoded
}

describe('frames', () => {
  it('has a golden fixture of every type', () => {
    expect(new Set(fixtures.frames.map(({ type }) => type))).toEqual(new Set(Object.keys(FRAME_TYPES)))
  })

  it.each(frames)('encodes and decodes the golden bytes of $frame.type', ({ frame, bytes }) => {
    expect(Buffer.from(encodeFrame(frame, crc32)).toString('hex')).toBe(bytes.toString('hex'))
    expect(decode([bytes])).toEqual([frame])
  })

  it('decodes the same frames however the bytes are split', () => {
    const all = Buffer.concat(frames.map(({ bytes }) => bytes))
    const expected = frames.map(({ frame }) => frame)
    for (let split = 0; split <= all.length; split++) {
      expect(decode([Buffer.from(all.subarray(0, split)), Buffer.from(all.subarray(split))])).toEqual(
        expected,
      )
    }
    expect(decode(Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('copies what it keeps of chunks that are used again', () => {
    const all = Buffer.concat(frames.map(({ bytes }) => bytes))
    const decoder = new FrameDecoder({ maxPayload: 0xffff, crc32, copy: true })
    const decoded: Frame[] = []
    const chunk = new Uint8Array(7)
    for (let at = 0; at < all.length; at += chunk.length) {
      chunk.set(all.subarray(at, at + chunk.length))
      decoder.push(chunk.subarray(0, all.length - at), (frame) => decoded.push(frame))
      chunk.fill(0)
    }
    expect(decoded.map((frame) => ({ ...frame, payload: Buffer.from(frame.payload) }))).toEqual(
      frames.map(({ frame }) => frame),
    )
  })

  it('refuses a frame in which any one byte was changed', () => {
    const { bytes } = frames.find(({ frame }) => frame.type === 'data')!
    for (let at = 0; at < bytes.length; at++) {
      const spoiled = Buffer.from(bytes)
      spoiled[at]! ^= 0x01
      const decoder = new FrameDecoder({ maxPayload: 4096, crc32 })
      const seen: Frame[] = []
      let error: unknown
      try {
        decoder.push(spoiled, (frame) => seen.push(frame))
      } catch (thrown) {
        error = thrown
      }
      // A length that grew leaves the frame unfinished: what comes next decides, and its checksum will not hold.
      if (error) expect(error).toMatchObject({ code: 'corrupt' })
      else expect(decoder.atBoundary).toBe(false)
      expect(seen).toEqual([])
    }
  })

  it('refuses a payload beyond the limit before it has arrived', () => {
    const bytes = encodeFrame({ type: 'data', stream: 1, payload: new Uint8Array(4097) }, crc32)
    const decoder = new FrameDecoder({ maxPayload: 4096, crc32 })
    expect(() => decoder.push(bytes.subarray(0, HEADER_SIZE), () => undefined)).toThrow(
      /exceeds the limit of 4096/,
    )
  })

  it('knows that a truncated stream ended inside a frame', () => {
    const decoder = new FrameDecoder({ maxPayload: 4096, crc32 })
    decoder.push(frames[0]!.bytes.subarray(0, -1), () => undefined)
    expect(decoder.atBoundary).toBe(false)
  })
})

describe('the checksum', () => {
  it.each([0, 1, 3, 4, 5, 64, 4095, 65536])("is zlib's for %i bytes, in one piece or two", (length) => {
    const bytes = randomBytes(length)
    const half = length >> 1
    expect(crc32(bytes)).toBe(zlibCrc32(bytes))
    expect(crc32(bytes.subarray(half), crc32(bytes.subarray(0, half)))).toBe(zlibCrc32(bytes))
  })
})

describe('SYNC', () => {
  it('shares no byte with the ends of a header and begins with a byte of its own', () => {
    expect([...SYNC]).not.toContain(0x50)
    expect([...SYNC]).not.toContain(0x70)
    expect(SYNC.indexOf(SYNC[0]!, 1)).toBe(-1)
  })

  it('is found at every offset, however the bytes around it are split', () => {
    const bytes = Buffer.concat([Buffer.from([1, SYNC[0]!]), SYNC.subarray(0, 5), SYNC, Buffer.from([2])])
    for (let split = 0; split <= bytes.length; split++) {
      const scanner = new SyncScanner()
      const ends = [bytes.subarray(0, split), bytes.subarray(split)].map((chunk, index) => {
        const after = scanner.next(chunk)
        return after < 0 ? null : after + (index === 0 ? 0 : split)
      })
      expect(ends.filter((end) => end !== null)).toEqual([7 + SYNC.length])
    }
  })

  it('is never in what one data frame carries', () => {
    let rest: Uint8Array = Buffer.concat([SYNC, SYNC, SYNC.subarray(0, 8), SYNC, randomBytes(100), SYNC])
    const wire: Uint8Array[] = []
    while (rest.length > 0) {
      const payload = rest.subarray(0, lengthBeforeSync(rest))
      wire.push(encodeFrame({ type: 'data', stream: 1, payload }, crc32))
      rest = rest.subarray(payload.length)
    }
    expect(findSync(Buffer.concat(wire))).toBe(-1)
  })
})
