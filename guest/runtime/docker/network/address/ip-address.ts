/**
 * IP addresses of both families and prefixes of them (RFC 4632, RFC 4291). An address is its canonical text, as Go's
 * netip prints it (RFC 5952), so that records are JSON and equal addresses are equal strings.
 */
export type Family = 4 | 6

export interface Prefix {
  /** The network's address when the prefix is masked; else it may have host bits. */
  address: string
  /** The number of leading bits that all addresses of the prefix share. */
  length: number
}

const BITS = { 4: 32, 6: 128 } as const satisfies Record<Family, number>

/** The address of a socket that listens on all addresses of a family. */
export const ANY_ADDRESS = { 4: '0.0.0.0', 6: '::' } as const satisfies Record<Family, string>

export const IPV6_LOOPBACK = '::1'

/**
 * The prefix of an IPv4 address that is written as an IPv6 one (RFC 4291 section 2.5.5.2): Go's net package takes it
 * for the IPv4 address.
 */
const MAPPED = 0xffffn

/** The family of an address that `parseAddress` gave. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4
}

/** The canonical text; undefined unless `text` is an address without a zone. */
export function parseAddress(text: string): string | undefined {
  const value = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  if (value === undefined) return undefined
  if (!text.includes(':')) return text
  return value >> 32n === MAPPED ? formatIpv4(value & 0xffffffffn) : formatIpv6(value)
}

/** Parses four decimal octets without leading zeros, as Go's netip does. */
function parseIpv4(text: string): bigint | undefined {
  const octets = text.split('.')
  if (octets.length !== 4) return undefined
  let sum = 0
  for (const text of octets) {
    const octet = Number(text)
    // Other ways to write the number do not come back as the same text.
    if (String(octet) !== text || octet < 0 || octet > 255) return undefined
    sum = sum * 256 + octet
  }
  return BigInt(sum)
}

/** Parses eight groups; `::` stands for one or more that are zero, and the last two may be written as an IPv4 address. */
function parseIpv6(text: string): bigint | undefined {
  const tail = /^(.*:)([\d.]+\.[\d.]+)$/.exec(text)
  const embedded = tail === null ? 0n : parseIpv4(tail[2]!)
  if (embedded === undefined) return undefined
  const plain =
    tail === null ? text : `${tail[1]}${(embedded >> 16n).toString(16)}:${(embedded & 0xffffn).toString(16)}`
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const given = halves.flat()
  if (halves.length > 2 || !given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  if (halves.length === 2 ? given.length > 7 : given.length !== 8) return undefined
  const zeros = new Array<string>(8 - given.length).fill('0')
  return [...halves[0]!, ...zeros, ...(halves[1] ?? [])].reduce(
    (sum, group) => (sum << 16n) | BigInt(parseInt(group, 16)),
    0n,
  )
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
}

/** Replaces the longest run of two or more zero groups, or the first of equal ones, by `::`. */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn)
  const text = groups.map((group) => group.toString(16)).join(':')
  const runs = text.match(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g) ?? []
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  if (longest === '') return text
  const at = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`))
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`
}

export function toInteger(address: string): bigint {
  return (familyOf(address) === 6 ? parseIpv6(address) : parseIpv4(address))!
}

export function fromInteger(value: bigint, family: Family): string {
  return family === 6 ? formatIpv6(value) : formatIpv4(value)
}

export function parsePrefix(text: string): Prefix | undefined {
  const match = /^(.+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const address = parseAddress(match?.[1] ?? '')
  const length = Number(match?.[2])
  if (address === undefined || length > BITS[familyOf(address)]) return undefined
  return { address, length }
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`
}

/** The number of addresses in a prefix. */
export function sizeOf(prefix: Prefix): bigint {
  return 1n << BigInt(BITS[familyOf(prefix.address)] - prefix.length)
}

export function mask(prefix: Prefix): Prefix {
  const value = toInteger(prefix.address)
  const address = fromInteger(value - (value % sizeOf(prefix)), familyOf(prefix.address))
  return { address, length: prefix.length }
}

/** Whether the address is in the prefix; one of the other family is in none. */
export function contains(prefix: Prefix, address: string): boolean {
  if (familyOf(prefix.address) !== familyOf(address)) return false
  const size = sizeOf(prefix)
  return toInteger(prefix.address) / size === toInteger(address) / size
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address)
}

/** The last address of the prefix. */
export function lastOf(prefix: Prefix): string {
  const first = toInteger(mask(prefix).address)
  return fromInteger(first + sizeOf(prefix) - 1n, familyOf(prefix.address))
}

/** 4 or 16 bytes in network order. */
export function addressBytes(address: string): Uint8Array {
  const length = BITS[familyOf(address)] / 8
  const digits = toInteger(address)
    .toString(16)
    .padStart(2 * length, '0')
  return Uint8Array.from(digits.match(/../g)!, (octet) => parseInt(octet, 16))
}

export function addressFromBytes(bytes: Uint8Array): string {
  const value = bytes.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n)
  return fromInteger(value, bytes.length === 16 ? 6 : 4)
}

/** The text `host:port`, with an IPv6 host in brackets. */
export function formatHostPort(address: string, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}
