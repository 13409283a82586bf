/** Parses addresses and prefixes, as far as matching a gateway to its subnet needs. */
import { isIpv4, isIpv6 } from '../run/checks.ts'

interface Network {
  bits: bigint
  width: 32 | 128
  prefix: number
}

function addressBits(text: string): { bits: bigint; width: 32 | 128 } | undefined {
  if (isIpv4(text))
    return { bits: text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n), width: 32 }
  if (!isIpv6(text)) return undefined
  const [head = '', tail] = text.split('::') as [string, string?]
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':').flatMap(expandIpv4))
  const first = groups(head)
  const last = groups(tail ?? '')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0')
  const bits = [...first, ...zeros, ...last].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
  return { bits, width: 128 }
}

function expandIpv4(group: string): string[] {
  if (!group.includes('.')) return [group]
  const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number]
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)]
}

/** @throws Error with Go's sentence */
export function parseCidr(text: string): Network {
  const [address, prefixText] = text.split('/') as [string, string?]
  const parsed = addressBits(address)
  const prefix = /^\d{1,3}$/.test(prefixText ?? '') ? Number(prefixText) : Infinity
  if (parsed === undefined || prefix > parsed.width)
    throw new Error(`invalid subnet: invalid CIDR address: ${text}`)
  return { ...parsed, prefix }
}

/**
 * Whether the subnet contains an address.
 * @param data an address, or a subnet whose address counts
 */
export function subnetContains(subnet: string, data: string): boolean {
  const outer = parseCidr(subnet)
  const inner = data.includes('/') ? parseCidr(data) : addressBits(data)
  if (inner === undefined || inner.width !== outer.width) return false
  const shift = BigInt(outer.width - outer.prefix)
  return outer.bits >> shift === inner.bits >> shift
}
