/**
 * The wire of 9P2000.L: https://github.com/chaos/diod/blob/master/protocol.md; numbers from include/net/9p/9p.h.
 * Every message is `size[4] type[1] tag[2]` and its fields, little-endian.
 */
import { decodeByteString } from '../../../guest/vocabulary/byte-string.ts'

export const NINE = {
  Rlerror: 7,
  Tstatfs: 8,
  Tlopen: 12,
  Tlcreate: 14,
  Tsymlink: 16,
  Tmknod: 18,
  Trename: 20,
  Treadlink: 22,
  Tgetattr: 24,
  Tsetattr: 26,
  Txattrwalk: 30,
  Txattrcreate: 32,
  Treaddir: 40,
  Tfsync: 50,
  Tlock: 52,
  Tgetlock: 54,
  Tlink: 70,
  Tmkdir: 72,
  Trenameat: 74,
  Tunlinkat: 76,
  Tversion: 100,
  Tauth: 102,
  Tattach: 104,
  Tflush: 108,
  Twalk: 110,
  Tread: 116,
  Twrite: 118,
  Tclunk: 120,
  Tremove: 122,
} as const

/** Requests that change a tree. */
export const CHANGES: readonly number[] = [
  NINE.Tlcreate,
  NINE.Tsymlink,
  NINE.Tmknod,
  NINE.Trename,
  NINE.Tsetattr,
  NINE.Txattrcreate,
  NINE.Tlink,
  NINE.Tmkdir,
  NINE.Trenameat,
  NINE.Tunlinkat,
]

/** Linux errno values (asm-generic), as Rlerror carries them. */
export const ERRNO = {
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  EBADF: 9,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EROFS: 30,
  ENODATA: 61,
  EPROTO: 71,
  EOPNOTSUPP: 95,
  ESTALE: 116,
} as const

export type Errno = (typeof ERRNO)[keyof typeof ERRNO]

/** An error that is answered with Rlerror; thrown inside the server only. */
export class NineError extends Error {
  readonly errno: Errno

  constructor(errno: Errno, message: string) {
    super(message)
    this.errno = errno
  }
}

export const HEADER_SIZE = 7
export const QID_SIZE = 13
export const NO_TAG = 0xffff
/** The most names of one Twalk (P9_MAXWELEM). */
export const MAX_WALK = 16

export interface Qid {
  /** QT bits: 0x80 directory, 0x02 symbolic link. */
  type: number
  /** 32 bits are enough (see inode-numbers.ts) and survive the guest's 32-bit ino_t. */
  path: number
}

/** Reads a message's fields in order; runs past the end with EINVAL. */
export class MessageReader {
  private readonly message: Uint8Array
  private readonly view: DataView
  private position = HEADER_SIZE

  constructor(message: Uint8Array) {
    this.message = message
    this.view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true)
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true)
  }

  /** Offsets and masks; beyond 2^53 they lose their last bits, which no file here reaches. */
  u64(): number {
    const position = this.take(8)
    return this.view.getUint32(position, true) + this.view.getUint32(position + 4, true) * 2 ** 32
  }

  string(): string {
    const length = this.u16()
    const start = this.take(length)
    return decodeByteString(this.message.subarray(start, start + length))
  }

  /** A view of the message's data. */
  bytes(length: number): Uint8Array {
    const start = this.take(length)
    return this.message.subarray(start, start + length)
  }

  private take(length: number): number {
    const start = this.position
    if (start + length > this.message.length)
      throw new NineError(ERRNO.EINVAL, 'the message ends inside a field')
    this.position = start + length
    return start
  }
}

/** Writes a reply of known size; the reply's type is the request's plus one. */
export class MessageWriter {
  readonly bytes: Uint8Array
  private readonly view: DataView
  private position = HEADER_SIZE

  /** @param size the bytes of the fields, without the header */
  constructor(type: number, tag: number, size: number) {
    this.bytes = new Uint8Array(HEADER_SIZE + size)
    this.view = new DataView(this.bytes.buffer)
    this.view.setUint32(0, HEADER_SIZE + size, true)
    this.bytes[4] = type
    this.view.setUint16(5, tag, true)
  }

  u8(value: number): this {
    this.bytes[this.position++] = value
    return this
  }

  u16(value: number): this {
    this.view.setUint16(this.position, value, true)
    this.position += 2
    return this
  }

  u32(value: number): this {
    this.view.setUint32(this.position, value, true)
    this.position += 4
    return this
  }

  u64(value: number): this {
    this.view.setUint32(this.position, value % 2 ** 32, true)
    this.view.setInt32(this.position + 4, Math.floor(value / 2 ** 32), true)
    this.position += 8
    return this
  }

  qid({ type, path }: Qid): this {
    return this.u8(type).u32(0).u64(path)
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.position)
    this.position += bytes.length
    return this
  }

  string(bytes: Uint8Array): this {
    return this.u16(bytes.length).raw(bytes)
  }

  /** A count field written before the data was: `count` bytes follow it, and the message ends there. */
  finishCounted(count: number): Uint8Array {
    const size = HEADER_SIZE + 4 + count
    this.view.setUint32(0, size, true)
    this.view.setUint32(HEADER_SIZE, count, true)
    return size === this.bytes.length ? this.bytes : this.bytes.subarray(0, size)
  }
}

export function errorReply(tag: number, errno: Errno): Uint8Array {
  return new MessageWriter(NINE.Rlerror, tag, 4).u32(errno).bytes
}
