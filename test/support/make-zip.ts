/** Zips for tests, with what a hostile one may claim. */
import { deflateRawSync } from 'node:zlib'

export interface ZipPart {
  path: string
  bytes: Uint8Array
  /** Packed as it is. */
  stored?: boolean
  /** The size that the directory claims, when it lies. */
  claimed?: number
  flags?: number
  method?: number
  /** The kind and mode that Unix has for it. */
  unix?: number
}

export function makeZip(parts: readonly ZipPart[]): Uint8Array {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const { path, bytes, stored, claimed, flags = 0, method, unix = 0 } of parts) {
    const name = Buffer.from(path)
    const packed = stored ? Buffer.from(bytes) : deflateRawSync(bytes)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(flags, 8)
    entry.writeUInt16LE(method ?? (stored ? 0 : 8), 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(claimed ?? bytes.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE((unix << 16) >>> 0, 38)
    entry.writeUInt32LE(offset, 42)
    bodies.push(local, name, packed)
    directory.push(entry, name)
    offset += local.length + name.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return new Uint8Array(Buffer.concat([...bodies, central, end]))
}
