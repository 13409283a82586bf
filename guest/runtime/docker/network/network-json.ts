/** Shows records as the Engine API 1.51 does. Pure. */
import type {
  EndpointSettings,
  NetworkContainer,
  NetworkInspect,
  NetworkSettings,
} from '../../../protocol/api/engine-api.ts'
import type { EndpointAddress, EndpointRecord, NetworkRecord, SandboxRecord } from './network-records.ts'
import { portMap } from './ports.ts'

/** A network without `Containers`, as a list shows it. */
export function networkJson(network: NetworkRecord): NetworkInspect {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    // host and none have no subnets; Docker calls them IPv4 networks.
    EnableIPv4: network.pools[4] !== undefined || network.pools[6] === undefined,
    EnableIPv6: network.pools[6] !== undefined,
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
  const shown = (given: EndpointAddress | undefined) =>
    given === undefined ? '' : `${given.address}/${given.prefixLength}`
  return {
    Name: sandbox.name,
    EndpointID: endpoint.id,
    MacAddress: endpoint.mac,
    IPv4Address: shown(endpoint.addresses[4]),
    IPv6Address: shown(endpoint.addresses[6]),
  }
}

export function endpointJson(endpoint: EndpointRecord): Required<EndpointSettings> {
  const { requested } = endpoint
  const { 4: ipv4, 6: ipv6 } = endpoint.addresses
  return {
    IPAMConfig: requested.IPAMConfig ?? null,
    Links: requested.Links ?? null,
    Aliases: requested.Aliases ?? null,
    MacAddress: endpoint.mac,
    DriverOpts: requested.DriverOpts ?? null,
    GwPriority: requested.GwPriority ?? 0,
    NetworkID: endpoint.networkId,
    EndpointID: endpoint.id,
    Gateway: ipv4?.gateway ?? '',
    IPAddress: ipv4?.address ?? '',
    IPPrefixLen: ipv4?.prefixLength ?? 0,
    IPv6Gateway: ipv6?.gateway ?? '',
    GlobalIPv6Address: ipv6?.address ?? '',
    GlobalIPv6PrefixLen: ipv6?.prefixLength ?? 0,
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

/** The settings of a container without networks of its own: container:<id>, or one that is not running. */
function unconnectedSettings(): NetworkSettings {
  return { ...UNCONNECTED, Ports: {}, Networks: {} }
}

export function settingsJson(
  sandbox: SandboxRecord,
  networks: ReadonlyMap<string, NetworkRecord>,
): NetworkSettings {
  const settings = unconnectedSettings()
  settings.SandboxID = sandbox.id
  settings.SandboxKey = sandbox.netnsPath ?? '/proc/1/ns/net'
  // Ports are shown only when the container has an interface, through which they could be published.
  const isAddressed = sandbox.endpoints.some((endpoint) => endpoint.interface !== undefined)
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
    settings.IPv6Gateway = json.IPv6Gateway
    settings.GlobalIPv6Address = json.GlobalIPv6Address
    settings.GlobalIPv6PrefixLen = json.GlobalIPv6PrefixLen
    settings.MacAddress = json.MacAddress
  }
  return settings
}
