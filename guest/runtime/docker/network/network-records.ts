/** The records of the network service: plain data, in one JSON file each, read again after a restart. */
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
  /** The families whose subnet the request named, so that containers may ask for addresses of them. */
  userSubnets: Family[]
  /** Addresses of each family that the network has; none for host and none. */
  pools: Partial<Record<Family, Pool>>
  /** The bridge's name, or the name of the parent of macvlan and ipvlan interfaces; `linkIndex` is its index. */
  link?: string
  linkIndex?: number
  /** The engine made the link, so it removes it. */
  ownsLink?: boolean
}

export interface EndpointAddress {
  address: string
  prefixLength: number
  /** Undefined for a network without a way out. */
  gateway?: string
}

export interface EndpointRecord {
  id: string
  networkId: string
  /** eth0, eth1 … in the container; undefined on host and none. */
  interface?: string
  /** The near end of the veth pair, a port of the bridge. */
  hostLink?: string
  /** One for each family that the network has; none on host and none. */
  addresses: Partial<Record<Family, EndpointAddress>>
  /** Empty on host and none. */
  mac: string
  /** Names that the embedded server answers; a reverse look-up gives the first. */
  dnsNames: string[]
  /** The request's own settings: IPAMConfig, Links, Aliases, DriverOpts, GwPriority. */
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
  /** Links as SandboxRequest has them. */
  links?: { alias: string; containerId: string }[]
  exposedPorts: string[]
  portBindings: import('../../../protocol/api/engine-api.ts').PortMap
  publishAllPorts: boolean
  endpoints: EndpointRecord[]
  ports: PublishedPort[]
  /** The network through which the ports are published, for each family of the container's addresses. */
  publishedOn: Partial<Record<Family, string>>
}

/** The families of which the network has a subnet, IPv4 first. */
export function familiesOf({ pools }: Pick<NetworkRecord, 'pools'>): Family[] {
  return ([4, 6] as const).filter((family) => pools[family] !== undefined)
}

export const PREDEFINED = ['bridge', 'host', 'none'] as const

/**
 * Whether the name is a user-defined network's, as Docker's IsUserDefined says: neither a predefined network's name nor
 * `default`, nor another container's.
 */
export function isUserDefined(networkName: string): boolean {
  return (
    networkName !== 'default' &&
    !networkName.startsWith('container:') &&
    !(PREDEFINED as readonly string[]).includes(networkName)
  )
}
