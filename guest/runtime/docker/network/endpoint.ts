/** A container's connections: what a request may ask, and the records it becomes. Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import type { EndpointSettings } from '../../../protocol/api/engine-api.ts'
import { takeAddress } from './address/ipam.ts'
import { contains, macOfEndpoint, parseAddress, parseMac } from './address/ipv4.ts'
import {
  isUserDefined,
  type EndpointRecord,
  type NetworkRecord,
  type SandboxRecord,
} from './network-records.ts'

/** Docker's validateEndpointSettings: every fault at once. Throws EngineError `invalid`. */
export function validateEndpoint(network: NetworkRecord, settings: EndpointSettings): void {
  const faults: string[] = []
  const asked = settings.IPAMConfig?.IPv4Address
  if (!isUserDefined(network.name)) {
    if (asked) faults.push('user specified IP address is supported on user defined networks only')
    if (settings.Aliases && settings.Aliases.length > 0) {
      faults.push('network-scoped alias is supported only for containers in user defined networks')
    }
  }
  if (asked) faults.push(...addressFaults(network, asked))
  if (settings.IPAMConfig?.IPv6Address) {
    faults.push(
      `IPv6 address ${settings.IPAMConfig.IPv6Address} cannot be used: the guest's kernel has no IPv6`,
    )
  }
  if (settings.MacAddress && parseMac(settings.MacAddress) === undefined) {
    throw new EngineError('invalid', `invalid MAC address ${settings.MacAddress}`)
  }
  if (faults.length > 0) throw new EngineError('invalid', `invalid endpoint settings:\n${faults.join('\n')}`)
}

function addressFaults(network: NetworkRecord, text: string): string[] {
  const address = parseAddress(text)
  if (address === undefined || address === 0) return [`invalid IPv4 address: ${text}`]
  if (!network.userSubnet || network.pool === undefined) {
    return [
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    ]
  }
  if (contains(network.pool.subnet, address)) return []
  return [`no configured subnet or ip-range contain the IP address ${text}`]
}

export interface EndpointContext {
  network: NetworkRecord
  /** Addresses of the network that other endpoints have. */
  used: ReadonlySet<number>
  settings: EndpointSettings
  container: Pick<SandboxRecord, 'containerId' | 'name' | 'hostname'>
  /** 64 hex digits. */
  id: string
  /** 7 hex digits for the veth's name. */
  linkSuffix: string
  interface: string
}

/** Throws when the address asked for is taken, or none is left. */
export function makeEndpoint(context: EndpointContext): EndpointRecord {
  const { network, settings } = context
  validateEndpoint(network, settings)
  const names = dnsNames(network, settings, context.container)
  const common = { id: context.id, networkId: network.id, dnsNames: names, requested: settings }
  if (network.pool === undefined) return { ...common, prefixLength: 0, mac: '' }
  const asked = parseAddress(settings.IPAMConfig?.IPv4Address ?? '')
  const address = takeAddress(network.pool, context.used, asked, network)
  // An ipvlan interface has its parent's MAC address.
  const mac = network.driver === 'ipvlan' ? '' : settings.MacAddress || macOfEndpoint(context.id)
  return {
    ...common,
    interface: context.interface,
    ...(network.driver === 'bridge' && { hostLink: `veth${context.linkSuffix}` }),
    address,
    prefixLength: network.pool.subnet.length,
    mac,
    ...(!network.internal && network.pool.gateway !== undefined && { gateway: network.pool.gateway }),
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

/** eth0, eth1 …: the first that is free. */
export function freeInterface(endpoints: readonly EndpointRecord[]): string {
  const taken = new Set(endpoints.map((endpoint) => endpoint.interface))
  for (let number = 0; ; number++) {
    if (!taken.has(`eth${number}`)) return `eth${number}`
  }
}

/** Index of ethN within its namespace: the loopback interface is 1. */
export function interfaceIndex(name: string): number {
  return 2 + Number(name.slice('eth'.length))
}

/**
 * The endpoint that gives the default route: not on an internal network, highest GwPriority, then network name.
 * https://docs.docker.com/engine/network/#default-gateway
 */
export function gatewayEndpoint(
  endpoints: readonly EndpointRecord[],
  networks: ReadonlyMap<string, NetworkRecord>,
): EndpointRecord | undefined {
  const name = (endpoint: EndpointRecord) => networks.get(endpoint.networkId)?.name ?? ''
  return endpoints
    .filter(({ gateway }) => gateway !== undefined)
    .sort((a, b) => {
      const priority = (b.requested.GwPriority ?? 0) - (a.requested.GwPriority ?? 0)
      return priority || (name(a) < name(b) ? -1 : 1)
    })[0]
}

/** The bridge endpoint through which ports are published: the default route's, or the first other one. */
export function publishingEndpoint(
  endpoints: readonly EndpointRecord[],
  networks: ReadonlyMap<string, NetworkRecord>,
): EndpointRecord | undefined {
  const onBridge = endpoints.filter(({ networkId }) => networks.get(networkId)?.driver === 'bridge')
  return gatewayEndpoint(onBridge, networks)
}
