/**
 * Addresses and subnets, pure: allocations are computed from what is in use, so nothing can leak or drift.
 * Docker's default driver: the lowest free address of the pool; the network and broadcast addresses are never given.
 */
import { EngineError } from '../../../../protocol/errors.ts'
import type { Ipam, IpamConfig } from '../../../../protocol/api/engine-api.ts'
import {
  broadcastOf,
  contains,
  formatAddress,
  formatPrefix,
  mask,
  overlaps,
  parseAddress,
  parsePrefix,
  sizeOf,
  type Prefix,
} from './ipv4.ts'

export interface Pool {
  subnet: Prefix
  /** Where addresses are given from: the ip-range, or the whole subnet. */
  range: Prefix
  gateway?: number
  auxiliary: readonly number[]
}

/** dockerd's default-address-pools. */
const DEFAULT_POOLS: readonly { base: Prefix; length: number }[] = [
  ...Array.from({ length: 15 }, (_, index) => ({
    base: parsePrefix(`172.${17 + index}.0.0/16`)!,
    length: 16,
  })),
  { base: parsePrefix('192.168.0.0/16')!, length: 20 },
]

/** The first of dockerd's default pools that overlaps nothing in `taken`. */
export function chooseSubnet(taken: readonly Prefix[]): Prefix {
  for (const { base, length } of DEFAULT_POOLS) {
    const step = 2 ** (32 - length)
    for (let address = base.address; address < base.address + sizeOf(base); address += step) {
      const subnet = { address, length }
      if (!taken.some((other) => overlaps(subnet, other))) return subnet
    }
  }
  throw new EngineError('invalid', 'all predefined address pools have been fully subnetted')
}

/** The lowest address of the pool that is not in use. */
export function allocateAddress(pool: Pool, used: ReadonlySet<number>): number | undefined {
  const subnet = mask(pool.subnet)
  const range = mask(pool.range)
  // A /31 has no network and broadcast address (RFC 3021), a /32 is its own.
  const reserveEnds = subnet.length < 31
  for (let address = range.address; address < range.address + sizeOf(range); address++) {
    if (reserveEnds && (address === subnet.address || address === broadcastOf(subnet))) continue
    if (address === pool.gateway || pool.auxiliary.includes(address) || used.has(address)) continue
    return address
  }
  return undefined
}

/** Docker's ValidateIPAM: every fault of the request at once. Throws EngineError `invalid`. */
export function validateIpam(ipam: Ipam | undefined): void {
  const faults = (ipam?.Config ?? []).flatMap(faultsOf)
  if (faults.length > 0) throw new EngineError('invalid', `invalid network config:\n${faults.join('\n')}`)
}

function faultsOf(config: IpamConfig): string[] {
  const text = config.Subnet ?? ''
  if (text.includes(':')) return [`invalid subnet ${text}: IPv6 is not available here; use an IPv4 subnet`]
  const subnet = parsePrefix(text)
  if (subnet === undefined) return [`invalid subnet ${text}: invalid CIDR block notation`]
  const faults: string[] = []
  const masked = formatPrefix(mask(subnet))
  if (masked !== formatPrefix(subnet)) faults.push(`invalid subnet ${text}: it should be ${masked}`)
  if (config.IPRange) faults.push(...rangeFaults(config.IPRange, subnet))
  const gateway = addressFault(config.Gateway, subnet)
  if (gateway) faults.push(`invalid gateway ${config.Gateway}: ${gateway}`)
  for (const [name, address] of Object.entries(config.AuxiliaryAddresses ?? {})) {
    const fault = addressFault(address, subnet)
    if (fault) faults.push(`invalid auxiliary address ${name}: ${fault}`)
  }
  return faults
}

function rangeFaults(text: string, subnet: Prefix): string[] {
  const range = parsePrefix(text)
  if (range === undefined) return [`invalid ip-range ${text}: invalid CIDR block notation`]
  const faults: string[] = []
  const parent = formatPrefix(subnet)
  if (range.length < subnet.length) {
    faults.push(`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parent}`)
  }
  const masked = formatPrefix(mask(range))
  if (masked !== text) faults.push(`invalid ip-range ${text}: it should be ${masked}`)
  if (!overlaps(subnet, range)) {
    faults.push(`invalid ip-range ${text}: parent subnet ${parent} doesn't contain ip-range`)
  }
  return faults
}

/** Null and empty are none, as for Go: docker-py sends nulls for what it was not told. */
function addressFault(text: string | null | undefined, subnet: Prefix): string | undefined {
  if (!text) return undefined
  const address = parseAddress(text)
  if (address === undefined) return 'invalid address'
  if (!contains(subnet, address)) return `parent subnet ${formatPrefix(subnet)} doesn't contain this address`
  return undefined
}

/**
 * The pool of a validated configuration, or of the default pools. Rejects a subnet that overlaps one in `taken` in
 * Docker's words.
 */
export function makePool(config: IpamConfig | undefined, taken: readonly Prefix[]): Pool {
  const asked = parsePrefix(config?.Subnet ?? '')
  const subnet = asked ?? chooseSubnet(taken)
  if (taken.some((other) => overlaps(subnet, other))) {
    const message = 'invalid pool request: Pool overlaps with other one on this address space'
    throw new EngineError('forbidden', message, { subnet: formatPrefix(subnet) })
  }
  const range = parsePrefix(config?.IPRange ?? '') ?? subnet
  const auxiliary = Object.values(config?.AuxiliaryAddresses ?? {}).map((text) => parseAddress(text)!)
  const pool = { subnet, range, auxiliary }
  const gateway = parseAddress(config?.Gateway ?? '') ?? allocateAddress(pool, new Set())
  if (gateway === undefined) {
    throw new EngineError(
      'invalid',
      `failed to allocate gateway (): no available addresses in ${formatPrefix(range)}`,
    )
  }
  return { ...pool, gateway }
}

/** Takes an asked-for address, or the lowest free one. */
export function takeAddress(
  pool: Pool,
  used: ReadonlySet<number>,
  asked: number | undefined,
  network: { name: string; id: string },
): number {
  if (asked !== undefined) {
    if (used.has(asked) || asked === pool.gateway || pool.auxiliary.includes(asked)) {
      throw new EngineError('forbidden', 'Address already in use', { address: formatAddress(asked) })
    }
    return asked
  }
  const address = allocateAddress(pool, used)
  if (address !== undefined) return address
  const pools = `no available IPv4 addresses on this network's address pools`
  throw new EngineError('exhausted', `${pools}: ${network.name} (${network.id})`)
}
