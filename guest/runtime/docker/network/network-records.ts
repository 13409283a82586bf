/** What the network service remembers: plain data, kept as one JSON file each, and read again after a restart. */
import type { EndpointSettings, IpamConfig } from '../../../protocol/api/engine-api.ts'
import type { Family } from './address/ip-address.ts'
import type { Pool } from './address/ipam.ts'
import type { PublishedPort } from './ports.ts'

export type NetworkDriver = 'bridge' | 'host' | 'null' | 'macvlan' | 'ipvlan'

export interface NetworkRecord {
  id: string
  name: string
  /** RFC 3339. */
  created: string
  driver: NetworkDriver
  internal: boolean
  attachable: boolean
  options: Record<string, string> | null
  labels: Record<string, string> | null
  ipamOptions: Record<string, string> | null
  ipamConfig: IpamConfig[] | null
  /** Families of which the subnet was asked for, so that addresses may be asked for too. */
  userSubnets: Family[]
  /** IPv4's and IPv6's, each only where the network has the family; none for host and none. */
  pools: Partial<Record<Family, Pool>>
  /** The bridge, or the parent of macvlan and ipvlan interfaces; and its index. */
  link?: string
  linkIndex?: number
  /** The engine made the link, so it removes it. */
  ownsLink?: boolean
}

export interface EndpointAddress {
  address: string
  prefixLength: number
  /** Of a network with a way out. */
  gateway?: string
}

export interface EndpointRecord {
  id: string
  networkId: string
  /** eth0, eth1 … in the container; undefined on host and none. */
  interface?: string
  /** Near end of the veth pair, a port of the bridge. */
  hostLink?: string
  /** One for each family that the network has; none on host and none. */
  addresses: Partial<Record<Family, EndpointAddress>>
  /** Empty on host and none. */
  mac: string
  /** Names the embedded server answers; the first is the name of its address. */
  dnsNames: string[]
  /** What the request said: IPAMConfig, Links, Aliases, DriverOpts, GwPriority. */
  requested: EndpointSettings
}

export interface SandboxRecord {
  containerId: string
  name: string
  hostname: string
  domainname: string
  /** 64 hex digits. */
  id: string
  /** Undefined in host mode. */
  netnsPath?: string
  dns: string[]
  dnsSearch: string[]
  dnsOptions: string[]
  extraHosts: string[]
  /** As SandboxRequest has them. */
  links?: { alias: string; containerId: string }[]
  exposedPorts: string[]
  portBindings: import('../../../protocol/api/engine-api.ts').PortMap
  publishAllPorts: boolean
  endpoints: EndpointRecord[]
  ports: PublishedPort[]
  /** The network through which the ports are published, for each family of the container's addresses. */
  publishedOn: Partial<Record<Family, string>>
}

/** Of which the network has a subnet, IPv4 first. */
export function familiesOf({ pools }: Pick<NetworkRecord, 'pools'>): Family[] {
  return ([4, 6] as const).filter((family) => pools[family] !== undefined)
}

export const PREDEFINED = ['bridge', 'host', 'none'] as const

/** Docker's IsUserDefined: neither a predefined network's name nor `default`, nor another container's. */
export function isUserDefined(networkName: string): boolean {
  return (
    networkName !== 'default' &&
    !networkName.startsWith('container:') &&
    !(PREDEFINED as readonly string[]).includes(networkName)
  )
}
