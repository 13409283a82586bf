import { describe, expect, it } from 'vitest'
import { concatBytes } from './concat-bytes.ts'
import { stdcopyFrame, StdcopyDecoder, type OutputStream } from './stdcopy.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function frame(stream: number, text: string): Uint8Array {
  const written = stdcopyFrame('stdout', bytes(text))
  written[0] = stream
  return written
}

function decode(...pieces: Uint8Array[]): Record<OutputStream, string> {
  const decoder = new StdcopyDecoder()
  const said = { stdout: '', stderr: '' }
  for (const piece of pieces)
    for (const part of decoder.push(piece)) {
      expect(part.bytes.length).toBeGreaterThan(0)
      said[part.stream] += new TextDecoder('latin1').decode(part.bytes)
    }
  expect(decoder.isBetweenFrames).toBe(true)
  return said
}

describe('stdcopy', () => {
  it('writes stream, three zeros, the length and the bytes', () => {
    expect([...stdcopyFrame('stdout', bytes('hi'))]).toEqual([1, 0, 0, 0, 0, 0, 0, 2, 104, 105])
    expect([...stdcopyFrame('stderr', new Uint8Array(0x010203)).subarray(0, 8)]).toEqual([
      2, 0, 0, 0, 0, 1, 2, 3,
    ])
  })

  it('reads the same however the bytes are cut', () => {
    const whole = concatBytes([
      frame(1, 'out'),
      frame(2, 'err'),
      frame(1, ''),
      frame(0, 'in'),
      frame(1, 'more'),
    ])
    const wanted = { stdout: 'outinmore', stderr: 'err' }
    expect(decode(whole)).toEqual(wanted)
    expect(decode(...Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(wanted)
    for (let at = 0; at <= whole.length; at++)
      expect(decode(whole.subarray(0, at), whole.subarray(at))).toEqual(wanted)
  })

  it('passes a payload on before its frame is whole, whatever length that has', () => {
    const decoder = new StdcopyDecoder()
    const parts = decoder.push(Uint8Array.of(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 65))
    expect(parts).toEqual([{ stream: 'stdout', bytes: Uint8Array.of(65) }])
    expect(decoder.isBetweenFrames).toBe(false)
  })

  it('throws what the engine reports in the stream, whole', () => {
    const whole = frame(3, 'no more “logs”')
    for (let at = 0; at <= whole.length; at++) {
      const decoder = new StdcopyDecoder()
      expect(() =>
        [whole.subarray(0, at), whole.subarray(at)].forEach((piece) => decoder.push(piece)),
      ).toThrow('error from daemon in stream: no more “logs”')
    }
    expect(() => decode(frame(3, ''))).toThrow('error from daemon in stream: ')
  })

  it('keeps no more of such an error than a sentence needs', () => {
    const decoder = new StdcopyDecoder()
    decoder.push(Uint8Array.of(3, 0, 0, 0, 0, 16, 0, 0))
    for (let lot = 0; lot < 15; lot++) decoder.push(new Uint8Array(65_536).fill(65))
    let message = ''
    try {
      decoder.push(new Uint8Array(65_536).fill(65))
    } catch (thrown) {
      message = (thrown as Error).message
    }
    expect(message).toMatch(/^error from daemon in stream: A{65536}$/)
  })

  it('refuses an unknown stream', () => {
    expect(() => decode(frame(9, 'x'))).toThrow(
      expect.objectContaining({ code: 'corrupt', message: 'Unrecognized input header: 9' }),
    )
  })
})
