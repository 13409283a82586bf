/** MAC addresses: six octets, written in lower case and parted by colons. */

/**
 * A locally administered unicast address made from the random digits of an endpoint's id: Docker's addresses are random
 * since 28.0.
 */
export function macOfEndpoint(id: string): string {
  const bytes = Uint8Array.from(id.slice(0, 12).match(/../g)!, (octet) => parseInt(octet, 16))
  bytes[0] = (bytes[0]! & 0xfe) | 0x02
  return formatMac(bytes)
}

export function formatMac(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** Parses six octets parted by `:` or `-`; undefined for any other text. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return undefined
  return Uint8Array.from(text.split(/[:-]/), (octet) => parseInt(octet, 16))
}
