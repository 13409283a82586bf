/** A 9P2000.L client for tests: typed requests over a server's `handle`, errors as thrown errno numbers. */
import { NINE } from '../../web/src/nine/nine-wire.ts'

export interface Attributes {
  qid: bigint
  mode: number
  uid: number
  gid: number
  nlink: number
  rdev: number
  size: number
  mtime: number
  nanoseconds: number
}

export interface ListedEntry {
  name: string
  qid: bigint
  type: number
}

export class NineErrno extends Error {
  readonly errno: number

  constructor(errno: number) {
    super(`errno ${errno}`)
    this.errno = errno
  }
}

type Field =
  | { u8: number }
  | { u16: number }
  | { u32: number }
  | { u64: number }
  | { text: string | Uint8Array }
  | { data: Uint8Array }

/** One whole request: `size[4] type[1] tag[2]` and the fields. */
export function encodeRequest(type: number, tag: number, fields: readonly Field[]): Uint8Array {
  const parts = fields.map((field) => {
    if ('text' in field) {
      const bytes = typeof field.text === 'string' ? Buffer.from(field.text) : Buffer.from(field.text)
      const length = Buffer.alloc(2)
      length.writeUInt16LE(bytes.length)
      return Buffer.concat([length, bytes])
    }
    if ('data' in field) return Buffer.from(field.data)
    if ('u8' in field) return Buffer.from([field.u8])
    const wide = Buffer.alloc('u16' in field ? 2 : 'u32' in field ? 4 : 8)
    if ('u16' in field) wide.writeUInt16LE(field.u16)
    else if ('u32' in field) wide.writeUInt32LE(field.u32)
    else wide.writeBigUInt64LE(BigInt(field.u64))
    return wide
  })
  const body = Buffer.concat(parts)
  const header = Buffer.alloc(7)
  header.writeUInt32LE(7 + body.length)
  header[4] = type
  header.writeUInt16LE(tag, 5)
  return new Uint8Array(Buffer.concat([header, body]))
}

export class NineClient {
  private readonly handle: (request: Uint8Array) => Promise<Uint8Array>
  private nextFid = 1
  private tag = 0

  constructor(server: { handle(request: Uint8Array): Promise<Uint8Array> }) {
    this.handle = (request) => server.handle(request)
  }

  /** The fields of the reply, or a thrown NineErrno. */
  async call(type: number, fields: readonly Field[]): Promise<Buffer> {
    this.tag = (this.tag + 1) % 0xffff
    const reply = Buffer.from(await this.handle(encodeRequest(type, this.tag, fields)))
    if (reply.readUInt32LE(0) !== reply.length) throw new Error('the reply lies about its size')
    if (reply.readUInt16LE(5) !== this.tag) throw new Error('the reply carries another tag')
    if (reply[4] === NINE.Rlerror) throw new NineErrno(reply.readUInt32LE(7))
    if (reply[4] !== type + 1) throw new Error(`request ${type} was answered by ${reply[4]}`)
    return reply.subarray(7)
  }

  async mount(msize = 524288): Promise<number> {
    await this.call(NINE.Tversion, [{ u32: msize }, { text: '9P2000.L' }])
    await this.call(NINE.Tattach, [
      { u32: 0 },
      { u32: 0xffffffff },
      { text: 'root' },
      { text: '' },
      { u32: 0 },
    ])
    return 0
  }

  /** A new fid at `path` below the root. Throws ENOENT when a later part is missing, as a kernel would find. */
  async walk(path: string, from = 0): Promise<number> {
    const names = path.split('/').filter((name) => name !== '')
    const fid = this.nextFid++
    let at = from
    for (let start = 0; start === 0 || start < names.length; start += 16) {
      const part = names.slice(start, start + 16)
      const fields = [{ u32: at }, { u32: fid }, { u16: part.length }, ...part.map((text) => ({ text }))]
      const reply = await this.call(NINE.Twalk, fields)
      if (reply.readUInt16LE(0) < part.length) throw new NineErrno(2)
      at = fid
    }
    return fid
  }

  async clunk(fid: number): Promise<void> {
    await this.call(NINE.Tclunk, [{ u32: fid }])
  }

  async open(fid: number, flags = 0): Promise<void> {
    await this.call(NINE.Tlopen, [{ u32: fid }, { u32: flags }])
  }

  async read(fid: number, offset: number, count: number): Promise<Buffer> {
    const reply = await this.call(NINE.Tread, [{ u32: fid }, { u64: offset }, { u32: count }])
    if (reply.readUInt32LE(0) !== reply.length - 4) throw new Error('Rread lies about its count')
    return reply.subarray(4)
  }

  /** The bytes that were taken. */
  async write(fid: number, offset: number, data: Uint8Array): Promise<number> {
    const fields = [{ u32: fid }, { u64: offset }, { u32: data.length }, { data }]
    return (await this.call(NINE.Twrite, fields)).readUInt32LE(0)
  }

  async attributes(fid: number): Promise<Attributes> {
    const reply = await this.call(NINE.Tgetattr, [{ u32: fid }, { u64: 0x7ff }])
    return {
      qid: reply.readBigUInt64LE(13),
      mode: reply.readUInt32LE(21),
      uid: reply.readUInt32LE(25),
      gid: reply.readUInt32LE(29),
      nlink: Number(reply.readBigUInt64LE(33)),
      rdev: Number(reply.readBigUInt64LE(41)),
      size: Number(reply.readBigUInt64LE(49)),
      mtime: Number(reply.readBigUInt64LE(89)),
      nanoseconds: Number(reply.readBigUInt64LE(97)),
    }
  }

  async readlink(fid: number): Promise<string> {
    return (await this.call(NINE.Treadlink, [{ u32: fid }])).subarray(2).toString()
  }

  /** Every entry but `.` and `..`, read in replies of at most `count` bytes. */
  async list(fid: number, count = 8192): Promise<ListedEntry[]> {
    const entries: ListedEntry[] = []
    let offset = 0
    for (;;) {
      const reply = await this.call(NINE.Treaddir, [{ u32: fid }, { u64: offset }, { u32: count }])
      const data = reply.subarray(4)
      if (data.length === 0) return entries.filter(({ name }) => name !== '.' && name !== '..')
      for (let at = 0; at < data.length;) {
        const length = data.readUInt16LE(at + 22)
        const name = data.subarray(at + 24, at + 24 + length).toString()
        entries.push({ name, qid: data.readBigUInt64LE(at + 5), type: data[at + 21]! })
        offset = Number(data.readBigUInt64LE(at + 13))
        at += 24 + length
      }
    }
  }

  /** The attribute's value; with '' the NUL-terminated names. */
  async xattr(fid: number, name: string): Promise<Buffer> {
    const newFid = this.nextFid++
    const size = Number(
      (await this.call(NINE.Txattrwalk, [{ u32: fid }, { u32: newFid }, { text: name }])).readBigUInt64LE(0),
    )
    const value = await this.read(newFid, 0, size)
    await this.clunk(newFid)
    return Buffer.from(value)
  }

  async readFile(path: string): Promise<Buffer> {
    const fid = await this.walk(path)
    await this.open(fid)
    const parts: Buffer[] = []
    for (let offset = 0; ;) {
      const part = await this.read(fid, offset, 524288 - 24)
      if (part.length === 0) break
      parts.push(part)
      offset += part.length
    }
    await this.clunk(fid)
    return Buffer.concat(parts)
  }
}
