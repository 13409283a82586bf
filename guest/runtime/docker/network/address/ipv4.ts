/** IPv4 addresses as unsigned 32-bit numbers, and prefixes of them (RFC 4632). */
export interface Prefix {
  /** Network address when masked; may have host bits otherwise. */
  address: number
  length: number
}

/** Undefined unless `text` is four decimal octets without leading zeros, as Go's netip reads them. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return undefined
  let address = 0
  for (const octet of match.slice(1)) {
    if (Number(octet) > 255 || (octet.length > 1 && octet.startsWith('0'))) return undefined
    address = address * 256 + Number(octet)
  }
  return address
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

export function parsePrefix(text: string): Prefix | undefined {
  const match = /^(.+)\/(\d{1,2})$/.exec(text)
  if (match === null) return undefined
  const address = parseAddress(match[1]!)
  const length = Number(match[2])
  if (address === undefined || length > 32 || String(length) !== match[2]) return undefined
  return { address, length }
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`
}

export function sizeOf(prefix: Prefix): number {
  return 2 ** (32 - prefix.length)
}

export function mask(prefix: Prefix): Prefix {
  return { address: prefix.address - (prefix.address % sizeOf(prefix)), length: prefix.length }
}

export function contains(prefix: Prefix, address: number): boolean {
  const start = mask(prefix).address
  return address >= start && address < start + sizeOf(prefix)
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address)
}

export function broadcastOf(prefix: Prefix): number {
  return mask(prefix).address + sizeOf(prefix) - 1
}

/** Big-endian octets. */
export function addressBytes(address: number): Uint8Array {
  return Uint8Array.of(address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255)
}

export function addressFromBytes(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0
}

/** Locally administered and unicast, from the random digits of an endpoint's id: Docker's are random since 28.0. */
export function macOfEndpoint(id: string): string {
  const bytes = Uint8Array.from(id.slice(0, 12).match(/../g)!, (octet) => parseInt(octet, 16))
  bytes[0] = (bytes[0]! & 0xfe) | 0x02
  return formatMac(bytes)
}

export function formatMac(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** Six octets parted by `:` or `-`; undefined otherwise. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return undefined
  return Uint8Array.from(text.split(/[:-]/), (octet) => parseInt(octet, 16))
}
