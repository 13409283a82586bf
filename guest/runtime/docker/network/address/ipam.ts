/**
 * Addresses and subnets, pure: allocations are computed from what is in use, so nothing can leak or drift.
 * Docker's default driver: the lowest free address of the pool; IPv4's network and broadcast addresses and IPv6's
 * subnet-router address are never given.
 */
import { createHash } from 'node:crypto'
import { EngineError } from '../../../../protocol/errors.ts'
import type { Ipam, IpamConfig } from '../../../../protocol/api/engine-api.ts'
import {
  addressFromBytes,
  contains,
  familyOf,
  formatPrefix,
  fromInteger,
  lastOf,
  mask,
  overlaps,
  parseAddress,
  parsePrefix,
  sizeOf,
  toInteger,
  type Family,
  type Prefix,
} from './ip-address.ts'

/** The subnet of one family that a network has. */
export interface Pool {
  subnet: Prefix
  /** The addresses that may be given: the ip-range, or the whole subnet. */
  range: Prefix
  gateway?: string
  auxiliary: readonly string[]
}

/** A block that subnets of `length` bits are cut from. */
export interface AddressBlock {
  base: Prefix
  length: number
}

/** The blocks of dockerd's default-address-pools. */
const DEFAULT_BLOCKS: readonly AddressBlock[] = [
  ...Array.from({ length: 15 }, (_, index) => ({
    base: { address: `172.${17 + index}.0.0`, length: 16 },
    length: 16,
  })),
  { base: { address: '192.168.0.0', length: 16 }, length: 20 },
]

/** The first subnet of `blocks` that overlaps nothing in `taken`. */
export function chooseSubnet(
  taken: readonly Prefix[],
  blocks: readonly AddressBlock[] = DEFAULT_BLOCKS,
): Prefix {
  for (const { base, length } of blocks) {
    const family = familyOf(base.address)
    const first = toInteger(base.address)
    const step = sizeOf({ address: base.address, length })
    for (let address = first; address < first + sizeOf(base); address += step) {
      const subnet = { address: fromInteger(address, family), length }
      if (!taken.some((other) => overlaps(subnet, other))) return subnet
    }
  }
  throw new EngineError('invalid', 'all predefined address pools have been fully subnetted')
}

/** Addresses that no interface of the subnet may have. */
function reservedIn(subnet: Prefix): string[] {
  if (familyOf(subnet.address) === 6) return [mask(subnet).address]
  // A /31 has no network and broadcast addresses (RFC 3021), and a /32 is a single address.
  return subnet.length < 31 ? [mask(subnet).address, lastOf(subnet)] : []
}

/** The lowest address of the pool that is not in use. */
export function allocateAddress(pool: Pool, used: ReadonlySet<string>): string | undefined {
  const family = familyOf(pool.range.address)
  const first = toInteger(mask(pool.range).address)
  const excluded = new Set([...reservedIn(pool.subnet), ...pool.auxiliary, pool.gateway])
  for (let value = first; value < first + sizeOf(pool.range); value++) {
    const address = fromInteger(value, family)
    if (!excluded.has(address) && !used.has(address)) return address
  }
  return undefined
}

/** Checks a request, as Docker's ValidateIPAM does. Throws EngineError `invalid`, which names every fault at once. */
export function validateIpam(ipam: Ipam | undefined, isIpv6Enabled: boolean): void {
  const faults = (ipam?.Config ?? []).flatMap((config) => faultsOf(config, isIpv6Enabled))
  if (faults.length > 0) throw new EngineError('invalid', `invalid network config:\n${faults.join('\n')}`)
}

function faultsOf(config: IpamConfig, isIpv6Enabled: boolean): string[] {
  const text = config.Subnet ?? ''
  const subnet = parsePrefix(text)
  if (subnet === undefined) return [`invalid subnet ${text}: invalid CIDR block notation`]
  // dockerd does not look at a subnet that the network will not have.
  if (!isIpv6Enabled && familyOf(subnet.address) === 6) return []
  const faults: string[] = []
  const masked = formatPrefix(mask(subnet))
  if (masked !== formatPrefix(subnet)) {
    faults.push(`invalid subnet ${formatPrefix(subnet)}: it should be ${masked}`)
  }
  if (config.IPRange) faults.push(...rangeFaults(config.IPRange, subnet))
  const gateway = addressFault(config.Gateway, subnet)
  if (gateway) faults.push(`invalid gateway ${config.Gateway}: ${gateway}`)
  for (const [name, address] of Object.entries(config.AuxiliaryAddresses ?? {})) {
    const fault = addressFault(address, subnet)
    if (fault) faults.push(`invalid auxiliary address ${name}: ${fault}`)
  }
  return faults
}

const OTHER_FAMILY = (subnet: Prefix) => `parent subnet is an IPv${familyOf(subnet.address)} block`

function rangeFaults(text: string, subnet: Prefix): string[] {
  const range = parsePrefix(text)
  if (range === undefined) return [`invalid ip-range ${text}: invalid CIDR block notation`]
  if (familyOf(range.address) !== familyOf(subnet.address)) {
    return [`invalid ip-range ${text}: ${OTHER_FAMILY(subnet)}`]
  }
  const faults: string[] = []
  const parent = formatPrefix(subnet)
  if (range.length < subnet.length) {
    faults.push(`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parent}`)
  }
  const masked = formatPrefix(mask(range))
  if (masked !== formatPrefix(range)) {
    faults.push(`invalid ip-range ${formatPrefix(range)}: it should be ${masked}`)
  }
  if (!overlaps(subnet, range)) {
    faults.push(`invalid ip-range ${text}: parent subnet ${parent} doesn't contain ip-range`)
  }
  return faults
}

/**
 * The fault of an address. Null and empty mean none was asked for, as in Go: docker-py sends nulls for the values that
 * it was not given.
 */
function addressFault(text: string | null | undefined, subnet: Prefix): string | undefined {
  if (!text) return undefined
  const address = parseAddress(text)
  if (address === undefined) return 'invalid address'
  if (familyOf(address) !== familyOf(subnet.address)) return OTHER_FAMILY(subnet)
  if (!contains(subnet, address)) return `parent subnet ${formatPrefix(subnet)} doesn't contain this address`
  return undefined
}

/**
 * The pool of a validated configuration, or of the default blocks. Rejects a subnet that overlaps one in `taken` in
 * Docker's words. Without `hasGateway` no address is kept for a gateway, unless one is asked for.
 */
export function makePool(
  config: IpamConfig | undefined,
  taken: readonly Prefix[],
  blocks?: readonly AddressBlock[],
  hasGateway = true,
): Pool {
  const asked = parsePrefix(config?.Subnet ?? '')
  const subnet = asked ?? chooseSubnet(taken, blocks)
  if (taken.some((other) => overlaps(subnet, other))) {
    const message = 'invalid pool request: Pool overlaps with other one on this address space'
    throw new EngineError('forbidden', message, { subnet: formatPrefix(subnet) })
  }
  const range = parsePrefix(config?.IPRange ?? '') ?? subnet
  const auxiliary = Object.values(config?.AuxiliaryAddresses ?? {}).map((text) => parseAddress(text)!)
  const pool = { subnet, range, auxiliary }
  const named = parseAddress(config?.Gateway ?? '')
  if (named === undefined && !hasGateway) return pool
  const gateway = named ?? allocateAddress(pool, new Set())
  if (gateway === undefined) {
    throw new EngineError(
      'invalid',
      `failed to allocate gateway (): no available addresses in ${formatPrefix(range)}`,
    )
  }
  return { ...pool, gateway }
}

/** The subnet of every link's own addresses (RFC 4291 section 2.5.6). */
const LINK_LOCAL: Prefix = { address: 'fe80::', length: 64 }
const MULTICAST: Prefix = { address: 'ff00::', length: 8 }

/** Checks a subnet, as Docker's validateIPv6Subnet does (moby libnetwork/drivers/bridge). Throws EngineError `invalid`. */
export function checkIpv6Subnet(subnet: Prefix): void {
  const text = formatPrefix(subnet)
  if (contains(MULTICAST, subnet.address))
    throw new EngineError('invalid', `multicast subnet '${text}' is not allowed`)
  if (text !== formatPrefix(LINK_LOCAL) && overlaps(LINK_LOCAL, subnet))
    throw new EngineError('invalid', `'${text}' clashes with the Link-Local prefix 'fe80::/64'`)
}

/** A /48 of unique local addresses (RFC 4193) that the host's id chooses, as Docker's deriveULABaseNetwork does. */
export function localBlock(hostId: string): AddressBlock {
  const digest = createHash('sha256').update(hostId).digest()
  const bytes = Uint8Array.of(0xfd, ...digest.subarray(3, 8), ...new Uint8Array(10))
  return { base: { address: addressFromBytes(bytes), length: 48 }, length: 64 }
}

/** Takes an asked-for address, or the lowest free one. */
export function takeAddress(
  pool: Pool,
  used: ReadonlySet<string>,
  asked: string | undefined,
  network: { name: string; id: string },
): string {
  if (asked !== undefined) {
    if (used.has(asked) || asked === pool.gateway || pool.auxiliary.includes(asked)) {
      throw new EngineError('forbidden', 'Address already in use', { address: asked })
    }
    return asked
  }
  const address = allocateAddress(pool, used)
  if (address !== undefined) return address
  const family: Family = familyOf(pool.subnet.address)
  const pools = `no available IPv${family} addresses on this network's address pools`
  throw new EngineError('exhausted', `${pools}: ${network.name} (${network.id})`)
}
