import { Buffer } from 'node:buffer'
import { EngineError } from '../../protocol/errors.ts'

/** Most plans fit into this many bytes, so the buffer is rarely copied to grow. */
const FIRST_SIZE = 32 << 10

/** A growing little-endian buffer for plans. Numbers and texts are written by one call into native code each. */
export class WireWriter {
  private buffer = Buffer.allocUnsafe(FIRST_SIZE)
  private view = viewOf(this.buffer)
  private length = 0

  u16(value: number): void {
    if (this.length + 2 > this.buffer.length) this.grow(2)
    this.view.setUint16(this.length, value, true)
    this.length += 2
  }

  /** Negative numbers are stored as their two's complement. */
  u32(value: number): void {
    if (this.length + 4 > this.buffer.length) this.grow(4)
    this.view.setUint32(this.length, value, true)
    this.length += 4
  }

  u64(value: bigint): void {
    this.u32(Number(BigInt.asUintN(32, value)))
    this.u32(Number(BigInt.asUintN(32, value >> 32n)))
  }

  bytes(bytes: Uint8Array): void {
    this.u32(bytes.length)
    if (this.length + bytes.length > this.buffer.length) this.grow(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  string(text: string): void {
    // A UTF-16 unit becomes three bytes at most.
    const room = 5 + text.length * 3
    if (this.length + room > this.buffer.length) this.grow(room)
    const start = this.length + 4
    const size = this.buffer.write(text, start)
    if (text.includes('\0'))
      throw new EngineError('invalid', `a NUL character is not allowed in '${text.replaceAll('\0', '\\0')}'`)
    this.view.setUint32(this.length, size, true)
    this.buffer[start + size] = 0
    this.length = start + size + 1
  }

  /** Begins a part that its length precedes; `endSized` takes what this returns. */
  beginSized(): number {
    this.u32(0)
    return this.length
  }

  endSized(start: number): void {
    this.view.setUint32(start - 4, this.length - start, true)
  }

  /** The writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  private grow(count: number): void {
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + count))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
    this.view = viewOf(grown)
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length)
