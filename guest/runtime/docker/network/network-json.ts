/** Records as the Engine API 1.51 shows them. Pure. */
import type {
  EndpointSettings,
  NetworkContainer,
  NetworkInspect,
  NetworkSettings,
} from '../../../protocol/api/engine-api.ts'
import { formatAddress } from './address/ipv4.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './network-records.ts'
import { portMap } from './ports.ts'

/** Without `Containers`: as a list has it. */
export function networkJson(network: NetworkRecord): NetworkInspect {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: network.ipamOptions, Config: network.ipamConfig },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: network.options,
    Labels: network.labels,
  }
}

export function networkDetails(network: NetworkRecord, sandboxes: Iterable<SandboxRecord>): NetworkInspect {
  const containers: Record<string, NetworkContainer> = {}
  for (const sandbox of sandboxes) {
    const endpoint = sandbox.endpoints.find(({ networkId }) => networkId === network.id)
    if (endpoint !== undefined) containers[sandbox.containerId] = containerJson(sandbox, endpoint)
  }
  return { ...networkJson(network), Containers: containers }
}

function containerJson(sandbox: SandboxRecord, endpoint: EndpointRecord): NetworkContainer {
  const address = endpoint.address
  return {
    Name: sandbox.name,
    EndpointID: endpoint.id,
    MacAddress: endpoint.mac,
    IPv4Address: address === undefined ? '' : `${formatAddress(address)}/${endpoint.prefixLength}`,
    IPv6Address: '',
  }
}

export function endpointJson(endpoint: EndpointRecord): Required<EndpointSettings> {
  const { requested } = endpoint
  const text = (address: number | undefined) => (address === undefined ? '' : formatAddress(address))
  return {
    IPAMConfig: requested.IPAMConfig ?? null,
    Links: requested.Links ?? null,
    Aliases: requested.Aliases ?? null,
    MacAddress: endpoint.mac,
    DriverOpts: requested.DriverOpts ?? null,
    GwPriority: requested.GwPriority ?? 0,
    NetworkID: endpoint.networkId,
    EndpointID: endpoint.id,
    Gateway: text(endpoint.gateway),
    IPAddress: text(endpoint.address),
    IPPrefixLen: endpoint.prefixLength,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: endpoint.dnsNames.length > 0 ? endpoint.dnsNames : null,
  }
}

const UNCONNECTED: NetworkSettings = {
  Bridge: '',
  SandboxID: '',
  SandboxKey: '',
  Ports: {},
  HairpinMode: false,
  LinkLocalIPv6Address: '',
  LinkLocalIPv6PrefixLen: 0,
  SecondaryIPAddresses: null,
  SecondaryIPv6Addresses: null,
  EndpointID: '',
  Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  MacAddress: '',
  Networks: {},
}

/** A container without networks of its own: container:<id>, or one that is not running. */
export function unconnectedSettings(): NetworkSettings {
  return { ...UNCONNECTED, Ports: {}, Networks: {} }
}

export function settingsJson(
  sandbox: SandboxRecord,
  networks: ReadonlyMap<string, NetworkRecord>,
): NetworkSettings {
  const settings = unconnectedSettings()
  settings.SandboxID = sandbox.id
  settings.SandboxKey = sandbox.netnsPath ?? '/proc/1/ns/net'
  // Ports have meaning only where an address is published from.
  const isAddressed = sandbox.endpoints.some(({ address }) => address !== undefined)
  settings.Ports = isAddressed ? portMap(sandbox.ports, sandbox.exposedPorts) : {}
  for (const endpoint of sandbox.endpoints) {
    const name = networks.get(endpoint.networkId)?.name ?? endpoint.networkId
    const json = endpointJson(endpoint)
    settings.Networks[name] = json
    if (name !== 'bridge') continue
    settings.EndpointID = json.EndpointID
    settings.Gateway = json.Gateway
    settings.IPAddress = json.IPAddress
    settings.IPPrefixLen = json.IPPrefixLen
    settings.MacAddress = json.MacAddress
  }
  return settings
}
