import { Buffer } from 'node:buffer'
import { EngineError } from '../../protocol/errors.ts'

/** Most plans fit into this many bytes, so the buffer is rarely copied to grow. */
const FIRST_SIZE = 32 << 10

/** The buffer of the writer before, for the next one. */
let spare: Buffer | undefined

/** A growing little-endian buffer for plans. Numbers and texts are written by one call into native code each. */
export class WireWriter {
  private buffer: Buffer
  private view: DataView
  private length = 0

  constructor() {
    this.buffer = spare ?? Buffer.allocUnsafe(FIRST_SIZE)
    this.view = viewOf(this.buffer)
    spare = undefined
  }

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
    if (this.length + 8 > this.buffer.length) this.grow(8)
    this.view.setBigUint64(this.length, value, true)
    this.length += 8
  }

  bytes(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.raw(bytes)
  }

  /** Bytes without their length. */
  raw(bytes: Uint8Array): void {
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
    const bytes = new Uint8Array(this.length)
    bytes.set(this.buffer.subarray(0, this.length))
    if (this.buffer.length === FIRST_SIZE) spare = this.buffer
    return bytes
  }

  private grow(count: number): void {
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + count))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
    this.view = viewOf(grown)
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length)
