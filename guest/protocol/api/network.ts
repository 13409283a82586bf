/** Engine API 1.51, tag Network, and the network parts of a container. */

/** `80/tcp` → where it is published; `null` or empty: exposed only. */
export type PortMap = Record<string, PortBinding[] | null>

export interface PortBinding {
  HostIp: string
  /** Decimal, or empty for an ephemeral port. */
  HostPort: string
}

export interface EndpointIpamConfig {
  IPv4Address?: string
  IPv6Address?: string
  LinkLocalIPs?: string[]
}

/** A container's connection to one network. A request sets only IPAMConfig, Links, Aliases, MacAddress, DriverOpts, GwPriority. */
export interface EndpointSettings {
  IPAMConfig?: EndpointIpamConfig | null
  Links?: string[] | null
  Aliases?: string[] | null
  MacAddress?: string
  DriverOpts?: Record<string, string> | null
  GwPriority?: number
  NetworkID?: string
  EndpointID?: string
  Gateway?: string
  IPAddress?: string
  IPPrefixLen?: number
  IPv6Gateway?: string
  GlobalIPv6Address?: string
  GlobalIPv6PrefixLen?: number
  DNSNames?: string[] | null
}

export interface NetworkingConfig {
  /** A null in the place of an endpoint is refused. */
  EndpointsConfig?: Record<string, EndpointSettings | null> | null
}

export interface NetworkSettings {
  Bridge: string
  SandboxID: string
  SandboxKey: string
  Ports: PortMap
  HairpinMode: boolean
  LinkLocalIPv6Address: string
  LinkLocalIPv6PrefixLen: number
  SecondaryIPAddresses: null
  SecondaryIPv6Addresses: null
  /** The rest repeats the default bridge's endpoint, as old clients expect. */
  EndpointID: string
  Gateway: string
  GlobalIPv6Address: string
  GlobalIPv6PrefixLen: number
  IPAddress: string
  IPPrefixLen: number
  IPv6Gateway: string
  MacAddress: string
  Networks: Record<string, EndpointSettings>
}

export interface IpamConfig {
  Subnet?: string
  IPRange?: string
  Gateway?: string
  AuxiliaryAddresses?: Record<string, string>
}

export interface Ipam {
  Driver?: string
  Options?: Record<string, string> | null
  Config?: IpamConfig[] | null
}

export interface NetworkCreateRequest {
  Name: string
  Driver?: string
  Scope?: string
  Internal?: boolean
  Attachable?: boolean
  Ingress?: boolean
  ConfigOnly?: boolean
  ConfigFrom?: { Network: string }
  IPAM?: Ipam
  EnableIPv4?: boolean
  EnableIPv6?: boolean
  Options?: Record<string, string> | null
  Labels?: Record<string, string> | null
  CheckDuplicate?: boolean
}

export interface NetworkContainer {
  Name: string
  EndpointID: string
  MacAddress: string
  /** With prefix length. */
  IPv4Address: string
  IPv6Address: string
}

export interface NetworkInspect {
  Name: string
  Id: string
  Created: string
  Scope: string
  Driver: string
  EnableIPv4: boolean
  EnableIPv6: boolean
  IPAM: { Driver: string; Options: Record<string, string> | null; Config: IpamConfig[] | null }
  Internal: boolean
  Attachable: boolean
  Ingress: boolean
  ConfigFrom: { Network: string }
  ConfigOnly: boolean
  /** Only in inspect, not in lists. */
  Containers?: Record<string, NetworkContainer>
  Options: Record<string, string> | null
  Labels: Record<string, string> | null
}

export interface NetworkCreateResponse {
  Id: string
  Warning: string
}

export interface NetworkConnectRequest {
  Container: string
  EndpointConfig?: EndpointSettings | null
}

export interface NetworkDisconnectRequest {
  Container: string
  Force?: boolean
}

export interface NetworkPruneResponse {
  NetworksDeleted: string[] | null
}
