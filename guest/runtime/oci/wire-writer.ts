import { EngineError } from '../../protocol/errors.ts'

const encoder = new TextEncoder()

/** A growing little-endian buffer for plans. */
export class WireWriter {
  private buffer = new Uint8Array(4096)
  private view = new DataView(this.buffer.buffer)
  private length = 0

  u16(value: number): void {
    this.reserve(2)
    this.view.setUint16(this.length, value, true)
    this.length += 2
  }

  /** Negative numbers are stored as their two's complement. */
  u32(value: number): void {
    this.reserve(4)
    this.view.setUint32(this.length, value, true)
    this.length += 4
  }

  u64(value: bigint): void {
    this.reserve(8)
    this.view.setBigUint64(this.length, value, true)
    this.length += 8
  }

  bytes(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.raw(bytes)
  }

  string(text: string): void {
    if (text.includes('\0'))
      throw new EngineError('invalid', `a NUL character is not allowed in '${text.replaceAll('\0', '\\0')}'`)
    const bytes = encoder.encode(text)
    this.bytes(bytes)
    this.raw(new Uint8Array(1))
  }

  /** What `write` appends, preceded by its length. */
  sized(write: () => void): void {
    const at = this.length
    this.u32(0)
    write()
    this.view.setUint32(at, this.length - at - 4, true)
  }

  finish(): Uint8Array {
    return this.buffer.slice(0, this.length)
  }

  private raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count))
    grown.set(this.buffer.subarray(0, this.length))
    this.buffer = grown
    this.view = new DataView(grown.buffer)
  }
}
