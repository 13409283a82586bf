/** How a container is reached, as keys of a compose service: networks, ports, names. */
import type {
  ContainerInspect,
  EndpointSettings,
  ImageConfig,
} from '../../../guest/protocol/api/engine-api.ts'
import type { ComposeMap, ComposeValue } from './compose-yaml.ts'
import type { Left } from './left-behind.ts'
import { containerName } from './names.ts'
import { BUILT_IN_NETWORKS, type Placed } from './place.ts'
import { filled, given } from './service-process.ts'

export function networkingOf(
  service: string,
  container: ContainerInspect,
  image: ImageConfig,
  placed: Placed,
): { keys: ComposeMap; left: Left[] } {
  const { HostConfig: host } = container
  const shared = (key: string, mode: string) => sharedWith(key, mode, service, placed)
  const joined = Object.keys(container.NetworkSettings.Networks)
  const ofUsers = joined.some((name) => placed.networks.has(name))
  const [network, pid, ipc] = [
    shared('network_mode', modeOf(host.NetworkMode, ofUsers)),
    shared('pid', host.PidMode),
    shared('ipc', host.IpcMode === 'private' || host.IpcMode === 'shareable' ? '' : host.IpcMode),
  ]
  const onNetworks = network.value === undefined && network.left.length === 0
  const keys = {
    network_mode: network.value,
    networks: onNetworks ? networks(service, container, placed) : undefined,
    pid: pid.value,
    ipc: ipc.value,
    ports: given(ports(container, image)),
    expose: given(exposed(container, image)),
    links: given(links(container, placed)),
    dns: given(host.Dns),
    dns_search: given(host.DnsSearch),
    dns_opt: given(host.DnsOptions),
    // With `=`, since an address may have colons.
    extra_hosts: given((host.ExtraHosts ?? []).map((line) => line.replace(':', '='))),
    mac_address: given(container.Config.MacAddress),
  }
  const lost: Left[] =
    ofUsers && joined.includes('bridge') ? [{ reason: 'bridge', service, what: 'bridge' }] : []
  return { keys, left: [...lost, ...network.left, ...pid.left, ...ipc.left] }
}

/** Compose gives a service either a mode or networks: the default network gives way to those that somebody made. */
function modeOf(mode: string, ofUsers: boolean): string {
  const bridge = mode === 'bridge' || mode === 'default'
  return bridge ? (ofUsers ? '' : 'bridge') : mode
}

/** A namespace that is the host's, nobody's, or another container's, which must be taken too. */
function sharedWith(
  key: string,
  mode: string,
  service: string,
  { services }: Placed,
): { value?: string; left: Left[] } {
  const [kind, id] = [mode.split(':', 1)[0], mode.slice(mode.indexOf(':') + 1)]
  if (kind !== 'container') {
    const isMode = key === 'network_mode' ? BUILT_IN_NETWORKS.has(mode) : mode !== ''
    return { ...(isMode && { value: mode }), left: [] }
  }
  const other = services.get(id)
  if (other !== undefined) return { value: `service:${other}`, left: [] }
  return { left: [{ reason: 'joined', service, what: id.slice(0, 12) }] }
}

/** Undefined for the project's default network alone, which a service is on by itself. */
function networks(service: string, container: ContainerInspect, placed: Placed): ComposeValue | undefined {
  const joined = Object.entries(container.NetworkSettings.Networks)
    .map(([name, endpoint]) => [placed.networks.get(name)?.key, endpoint] as const)
    .filter((entry): entry is readonly [string, EndpointSettings] => entry[0] !== undefined)
    .map(([key, endpoint]) => [key, endpointOf(service, container, endpoint)] as const)
  const plain = joined.every(([, settings]) => settings === undefined)
  if (!plain) return Object.fromEntries(joined.map(([key, settings]) => [key, settings ?? {}]))
  const keys = joined.map(([key]) => key)
  return keys.length === 1 && keys[0] === 'default' ? undefined : given(keys)
}

function endpointOf(
  service: string,
  container: ContainerInspect,
  { Aliases, IPAMConfig, DriverOpts }: EndpointSettings,
): ComposeMap | undefined {
  // Names that it has in any case.
  const names = [service, containerName(container), container.Id.slice(0, 12)]
  return filled({
    aliases: given([...new Set(Aliases ?? [])].filter((alias) => !names.includes(alias))),
    ipv4_address: given(IPAMConfig?.IPv4Address),
    ipv6_address: given(IPAMConfig?.IPv6Address),
    link_local_ips: given(IPAMConfig?.LinkLocalIPs),
    driver_opts: filled(DriverOpts ?? {}),
  })
}

/** `80/tcp` → `80`: Compose means TCP where no protocol is named. */
const short = (port: string): string => port.replace(/\/tcp$/, '')

function ports({ Config, HostConfig }: ContainerInspect, image: ImageConfig): string[] {
  const bindings = Object.entries(HostConfig.PortBindings ?? {}).flatMap(([port, hosts]) =>
    (hosts ?? []).map(({ HostIp, HostPort }) => {
      const ip = HostIp.includes(':') ? `[${HostIp}]:` : HostIp === '' ? '' : `${HostIp}:`
      return HostPort === '' && ip === '' ? short(port) : `${ip}${HostPort}:${short(port)}`
    }),
  )
  if (!HostConfig.PublishAllPorts) return [...new Set(bindings)]
  const all = Object.keys({ ...image.ExposedPorts, ...Config.ExposedPorts })
  const bound = HostConfig.PortBindings ?? {}
  return [...new Set([...bindings, ...all.filter((port) => !bound[port]?.length).map(short)])]
}

function exposed({ Config, HostConfig }: ContainerInspect, image: ImageConfig): string[] {
  return Object.keys(Config.ExposedPorts ?? {})
    .filter((port) => !(port in (image.ExposedPorts ?? {})) && !(port in (HostConfig.PortBindings ?? {})))
    .map(short)
}

/** `/db:/web/store` → `db:store`, for other containers that are taken. */
function links({ HostConfig }: ContainerInspect, { containersByName }: Placed): string[] {
  return (HostConfig.Links ?? []).flatMap((link) => {
    const [target = '', path = ''] = link.split(':')
    const service = containersByName.get(target.replace(/^\//, ''))
    return service === undefined ? [] : [`${service}:${path.split('/').at(-1)}`]
  })
}
