/** Checks what a request asks for an endpoint, and makes the endpoint's record. Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import type { EndpointSettings } from '../../../protocol/api/engine-api.ts'
import { takeAddress } from './address/ipam.ts'
import { ANY_ADDRESS, contains, familyOf, parseAddress, type Family } from './address/ip-address.ts'
import { macOfEndpoint, parseMac } from './address/mac-address.ts'
import {
  familiesOf,
  isUserDefined,
  type EndpointAddress,
  type EndpointRecord,
  type NetworkRecord,
  type SandboxRecord,
} from './network-records.ts'

const ADDRESS_FIELD = { 4: 'IPv4Address', 6: 'IPv6Address' } as const satisfies Record<Family, string>
const FAMILIES: readonly Family[] = [4, 6]

/** Checks settings, as Docker's validateEndpointSettings does. Throws EngineError `invalid`. */
export function validateEndpoint(network: NetworkRecord, settings: EndpointSettings): void {
  const asked = FAMILIES.map((family) => ({ family, text: settings.IPAMConfig?.[ADDRESS_FIELD[family]] }))
  const faults: string[] = []
  if (!isUserDefined(network.name)) {
    if (asked.some(({ text }) => text))
      faults.push('user specified IP address is supported on user defined networks only')
    if (settings.Aliases && settings.Aliases.length > 0) {
      faults.push('network-scoped alias is supported only for containers in user defined networks')
    }
  }
  for (const { family, text } of asked) if (text && !isAddress(text, family)) faults.push(notOf(family, text))
  for (const { family, text } of asked) if (text) faults.push(...subnetFaults(network, family, text))
  if (settings.MacAddress && parseMac(settings.MacAddress) === undefined) {
    throw new EngineError('invalid', `invalid MAC address ${settings.MacAddress}`)
  }
  if (faults.length > 0) throw new EngineError('invalid', `invalid endpoint settings:\n${faults.join('\n')}`)
}

const notOf = (family: Family, text: string) => `invalid IPv${family} address: ${text}`

function isAddress(text: string, family: Family): boolean {
  const address = parseAddress(text)
  return address !== undefined && familyOf(address) === family && address !== ANY_ADDRESS[family]
}

function subnetFaults(network: NetworkRecord, family: Family, text: string): string[] {
  const pool = network.pools[family]
  if (!network.userSubnets.includes(family) || pool === undefined) {
    return [
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    ]
  }
  const address = parseAddress(text)
  if (address !== undefined && contains(pool.subnet, address)) return []
  return [`no configured subnet or ip-range contain the IP address ${text}`]
}

export interface EndpointContext {
  network: NetworkRecord
  /** Addresses that the network's other endpoints have. */
  used: ReadonlySet<string>
  settings: EndpointSettings
  container: Pick<SandboxRecord, 'containerId' | 'name' | 'hostname'>
  /** 64 hex digits. */
  id: string
  /** 7 hex digits for the veth's name. */
  linkSuffix: string
  interface: string
}

/** Makes an endpoint. Throws when the address asked for is taken, or none is left. */
export function makeEndpoint(context: EndpointContext): EndpointRecord {
  const { network, settings } = context
  validateEndpoint(network, settings)
  const names = dnsNames(network, settings, context.container)
  const common = { id: context.id, networkId: network.id, dnsNames: names, requested: settings }
  const families = familiesOf(network)
  if (families.length === 0) return { ...common, addresses: {}, mac: '' }
  const taken = families.map((family) => [family, takeOne(family, context)] as const)
  // An ipvlan interface has its parent's MAC address.
  const mac = network.driver === 'ipvlan' ? '' : settings.MacAddress || macOfEndpoint(context.id)
  return {
    ...common,
    interface: context.interface,
    ...(network.driver === 'bridge' && { hostLink: `veth${context.linkSuffix}` }),
    addresses: Object.fromEntries(taken),
    mac,
  }
}

function takeOne(family: Family, { network, settings, used }: EndpointContext): EndpointAddress {
  const pool = network.pools[family]!
  const asked = parseAddress(settings.IPAMConfig?.[ADDRESS_FIELD[family]] ?? '')
  return {
    address: takeAddress(pool, used, asked, network),
    prefixLength: pool.subnet.length,
    ...(!network.internal && pool.gateway !== undefined && { gateway: pool.gateway }),
  }
}

function dnsNames(
  network: NetworkRecord,
  settings: EndpointSettings,
  container: EndpointContext['container'],
): string[] {
  if (!isUserDefined(network.name)) return []
  const names = [
    container.name,
    ...(settings.Aliases ?? []),
    container.containerId.slice(0, 12),
    container.hostname,
  ]
  return [...new Set(names.filter((name) => name !== ''))]
}

/** The first free name of eth0, eth1 …. */
export function freeInterface(endpoints: readonly EndpointRecord[]): string {
  const taken = new Set(endpoints.map((endpoint) => endpoint.interface))
  for (let number = 0; ; number++) {
    if (!taken.has(`eth${number}`)) return `eth${number}`
  }
}

/** The index of ethN within its namespace, in which the loopback interface is 1. */
export function interfaceIndex(name: string): number {
  return 2 + Number(name.slice('eth'.length))
}

/** The endpoints that give the default routes. */
export type Gateways = Partial<Record<Family, EndpointRecord>>

/**
 * Chooses the endpoints of the default routes: none on an internal network; the highest GwPriority wins, then one with
 * both families, then the network's name. The first endpoint that has both families gives both routes, whatever its
 * priority (moby libnetwork/default_gateway.go).
 * https://docs.docker.com/engine/network/#default-gateway
 */
export function gatewayEndpoints(
  endpoints: readonly EndpointRecord[],
  networks: ReadonlyMap<string, NetworkRecord>,
): Gateways {
  const name = ({ networkId }: EndpointRecord) => networks.get(networkId)?.name ?? ''
  const has = (endpoint: EndpointRecord, family: Family) => endpoint.addresses[family]?.gateway !== undefined
  const count = (endpoint: EndpointRecord) => FAMILIES.filter((family) => has(endpoint, family)).length
  const sorted = [...endpoints].sort((a, b) => {
    const priority = (b.requested.GwPriority ?? 0) - (a.requested.GwPriority ?? 0)
    return priority || count(b) - count(a) || (name(a) < name(b) ? -1 : 1)
  })
  const both = sorted.find((endpoint) => count(endpoint) === FAMILIES.length)
  const gateways: Gateways = {}
  for (const family of FAMILIES) {
    const found = both ?? sorted.find((endpoint) => has(endpoint, family))
    if (found !== undefined) gateways[family] = found
  }
  return gateways
}

/** Chooses the endpoints through which ports are published: as `gatewayEndpoints`, among those on bridges. */
export function publishingEndpoints(
  endpoints: readonly EndpointRecord[],
  networks: ReadonlyMap<string, NetworkRecord>,
): Gateways {
  const onBridge = endpoints.filter(({ networkId }) => networks.get(networkId)?.driver === 'bridge')
  return gatewayEndpoints(onBridge, networks)
}
