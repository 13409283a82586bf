/** Writes zip archives: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, without zip64, encryption and comments. */
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { crc32, deflateRawSync } from 'node:zlib'
import { EngineError } from '../../../guest/protocol/errors.ts'

export interface ZipEntry {
  /** With `/` between its parts. */
  path: string
  /** Bytes, or the path of a file that has them. */
  content: Uint8Array | string
  executable?: boolean
}

/** Without zip64 an archive ends here. */
const MAX_SIZE = 0xffff_ffff
/** 1980-01-01, the first day that the format knows: the same site gives the same archive. */
const DATE = 0x21
const UTF8_NAME = 0x0800
const DEFLATE = 8
/** Version 2.0 of the format, made on Unix, whose modes the directory then has. */
const VERSION = 20
const MADE_BY_UNIX = (3 << 8) | VERSION

/** Writes an archive; resolves with its size in bytes. @throws EngineError `too-large` beyond 4 GiB */
export async function writeZip(target: string, entries: readonly ZipEntry[]): Promise<number> {
  const out = createWriteStream(target)
  const closed = once(out, 'close')
  const directory: Buffer[] = []
  let offset = 0
  const write = async (bytes: Uint8Array): Promise<void> => {
    offset += bytes.length
    if (offset > MAX_SIZE) throw new EngineError('too-large', `${target} would be larger than 4 GiB`)
    if (!out.write(bytes)) await once(out, 'drain')
  }
  for (const entry of entries) {
    const raw = typeof entry.content === 'string' ? await readFile(entry.content) : entry.content
    const { local, central, body } = describe(entry, raw, offset)
    directory.push(central)
    await write(local)
    await write(body)
  }
  const central = Buffer.concat(directory)
  const start = offset
  await write(central)
  await write(endOfDirectory(entries.length, central.length, start))
  out.end()
  await closed
  return offset
}

/** The headers of a member, and its bytes as they are stored: packed when that makes them smaller. */
function describe(
  { path, executable }: ZipEntry,
  raw: Uint8Array,
  offset: number,
): { local: Buffer; central: Buffer; body: Uint8Array } {
  const packed = deflateRawSync(raw)
  const [method, body] = packed.length < raw.length ? [DEFLATE, packed] : [0, raw]
  const name = Buffer.from(path)
  const common = Buffer.alloc(26)
  common.writeUInt16LE(VERSION, 0)
  common.writeUInt16LE(UTF8_NAME, 2)
  common.writeUInt16LE(method, 4)
  common.writeUInt16LE(DATE, 8)
  common.writeUInt32LE(crc32(raw), 10)
  common.writeUInt32LE(body.length, 14)
  common.writeUInt32LE(raw.length, 18)
  common.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name])
  const rest = Buffer.alloc(14)
  const mode = 0o100000 | (executable ? 0o755 : 0o644)
  rest.writeUInt32LE((mode << 16) >>> 0, 6)
  rest.writeUInt32LE(offset, 10)
  const madeBy = Buffer.alloc(2)
  madeBy.writeUInt16LE(MADE_BY_UNIX)
  return { local, central: Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, common, rest, name]), body }
}

function endOfDirectory(count: number, size: number, start: number): Buffer {
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(start, 16)
  return end
}
