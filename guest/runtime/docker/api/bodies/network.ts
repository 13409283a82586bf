/** Bodies about networks, as Docker's Go types have them (moby, api/types/network). */
import type {
  EndpointIpamConfig,
  EndpointSettings,
  Ipam,
  IpamConfig,
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkDisconnectRequest,
  NetworkingConfig,
  PortBinding,
} from '../../../../protocol/api/engine-api.ts'
import { flag, integer, list, map, pointer, struct, text } from '../json/go-type.ts'
import { whole } from './whole.ts'

const strings = list(text())
const stringMap = map(text())

const portBinding = whole(struct<PortBinding>('nat.PortBinding', { HostIp: text(), HostPort: text() }), {
  HostIp: '',
  HostPort: '',
})

export const portMap = map(list(portBinding), 'nat.Port')

const endpointSettings = struct<EndpointSettings>('network.EndpointSettings', {
  IPAMConfig: struct<EndpointIpamConfig>('network.EndpointIPAMConfig', {
    IPv4Address: text(),
    IPv6Address: text(),
    LinkLocalIPs: strings,
  }),
  Links: strings,
  Aliases: strings,
  MacAddress: text(),
  DriverOpts: stringMap,
  GwPriority: integer('int'),
  NetworkID: text(),
  EndpointID: text(),
  Gateway: text(),
  IPAddress: text(),
  IPPrefixLen: integer('int'),
  IPv6Gateway: text(),
  GlobalIPv6Address: text(),
  GlobalIPv6PrefixLen: integer('int'),
  DNSNames: strings,
})

export const networkingConfig = struct<NetworkingConfig>('network.NetworkingConfig', {
  EndpointsConfig: map(pointer(endpointSettings)),
})

const ipamConfig = struct<IpamConfig>('network.IPAMConfig', {
  Subnet: text(),
  IPRange: text(),
  Gateway: text(),
  AuxiliaryAddresses: stringMap,
})

const ipam = struct<Ipam>('network.IPAM', {
  Driver: text(),
  Options: stringMap,
  Config: list(ipamConfig),
})

export const networkCreateRequest = whole(
  struct<NetworkCreateRequest>(
    'network.CreateRequest',
    { Name: text(), CheckDuplicate: flag },
    {
      CreateOptions: {
        Driver: text(),
        Scope: text(),
        EnableIPv4: flag,
        EnableIPv6: flag,
        IPAM: ipam,
        Internal: flag,
        Attachable: flag,
        Ingress: flag,
        ConfigOnly: flag,
        ConfigFrom: whole(struct<{ Network: string }>('network.ConfigReference', { Network: text() }), {
          Network: '',
        }),
        Options: stringMap,
        Labels: stringMap,
      },
    },
  ),
  { Name: '' },
)

export const networkConnectRequest = whole(
  struct<NetworkConnectRequest>('network.ConnectOptions', {
    Container: text(),
    EndpointConfig: endpointSettings,
  }),
  { Container: '' },
)

export const networkDisconnectRequest = whole(
  struct<NetworkDisconnectRequest>('network.DisconnectOptions', { Container: text(), Force: flag }),
  { Container: '' },
)
