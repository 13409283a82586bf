/** Tar archives written byte by byte, so that tests can make the ones no tool would. */
export interface TarPart {
  name: string
  type?: string
  mode?: number
  uid?: number
  gid?: number
  mtime?: number
  link?: string
  content?: string | Uint8Array
  device?: [number, number]
  /** Records of a PAX header before the member. */
  pax?: Record<string, string | Uint8Array>
  /** Overrides the size field. */
  size?: number
  /** Numbers in base-256 (GNU). */
  base256?: boolean
  /** `ustar` (default), `gnu` or `v7`. */
  format?: 'ustar' | 'gnu' | 'v7'
  prefix?: string
}

export function makeTar(parts: readonly TarPart[], end = true): Uint8Array {
  const blocks = parts.flatMap((part) => [
    ...(part.pax === undefined ? [] : paxMember(part.pax)),
    ...member(part),
  ])
  return new Uint8Array(Buffer.concat([...blocks, ...(end ? [Buffer.alloc(1024)] : [])]))
}

/** `length key=value\n`, the length counting itself. */
export function paxRecords(records: Record<string, string | Uint8Array>): Buffer {
  return Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')])
      let length = rest.length + 1
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length
      return Buffer.concat([Buffer.from(String(length)), rest])
    }),
  )
}

function paxMember(records: Record<string, string | Uint8Array>): Buffer[] {
  return member({ name: 'PaxHeaders/x', type: 'x', content: paxRecords(records) })
}

function member(part: TarPart): Buffer[] {
  const content = Buffer.from((part.content ?? '') as string)
  const header = Buffer.alloc(512)
  header.write(part.name, 0, 100, 'latin1')
  number(header, 100, 8, part.mode ?? 0o644)
  number(header, 108, 8, part.uid ?? 0, part.base256)
  number(header, 116, 8, part.gid ?? 0, part.base256)
  number(header, 124, 12, part.size ?? content.length, part.base256)
  number(header, 136, 12, part.mtime ?? 1_600_000_000, part.base256)
  header.write(part.type ?? '0', 156)
  header.write(part.link ?? '', 157, 100)
  if (part.format !== 'v7') header.write(part.format === 'gnu' ? 'ustar  ' : 'ustar\x0000', 257)
  number(header, 329, 8, part.device?.[0] ?? 0)
  number(header, 337, 8, part.device?.[1] ?? 0)
  if (part.prefix !== undefined) header.write(part.prefix, 345, 155)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [header, content, Buffer.alloc(-content.length & 511)]
}

function number(header: Buffer, offset: number, length: number, value: number, base256 = false): void {
  if (!base256) {
    header.write(value.toString(8).padStart(length - 1, '0'), offset)
    return
  }
  let rest = BigInt.asUintN(length * 8, BigInt(value))
  for (let index = length - 1; index >= 0; index--) {
    header[offset + index] = Number(rest & 0xffn)
    rest >>= 8n
  }
  header[offset]! |= 0x80
}
