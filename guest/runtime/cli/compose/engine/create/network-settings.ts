/** The networks of a container: the one of the highest priority first. */
import type { EndpointSettings } from '../../../../../protocol/api/engine-api.ts'
import { ModelError } from '../../model/compose-error.ts'
import { byText } from '../../model/yaml/tree.ts'
import type { Service } from '../../model/types.ts'
import { newContainerName } from './container-names.ts'
import type { CreateParts } from './create-parts.ts'

/** The service's networks by priority, then by name. */
export function networksByPriority({ networks = {} }: Service): string[] {
  const priority = (name: string): number => networks[name]?.priority ?? 0
  return Object.keys(networks).sort((a, b) => priority(b) - priority(a) || byText(a, b))
}

function endpoint(parts: CreateParts, key: string, mac: string | undefined): EndpointSettings {
  const { project, name, service, number, links, networkAliases } = parts
  const config = service.networks?.[key] ?? undefined
  const aliases = [newContainerName(project.name, name, service, number)]
  if (networkAliases) aliases.push(name, ...(config?.aliases ?? []))
  return {
    Aliases: aliases,
    Links: links.length === 0 ? null : links,
    ...(mac !== undefined && { MacAddress: mac }),
    ...(config?.driver_opts !== undefined && { DriverOpts: config.driver_opts }),
    ...(config?.gw_priority !== undefined && { GwPriority: config.gw_priority }),
    IPAMConfig:
      config === undefined
        ? null
        : {
            ...(config.ipv4_address !== undefined && { IPv4Address: config.ipv4_address }),
            ...(config.ipv6_address !== undefined && { IPv6Address: config.ipv6_address }),
            ...(config.link_local_ips !== undefined && { LinkLocalIPs: config.link_local_ips }),
          },
  }
}

/** @throws ModelError */
export function networkSettings(parts: CreateParts): {
  mode: string
  endpoints: Record<string, EndpointSettings>
} {
  const { project, service } = parts
  if (service.network_mode !== undefined) return { mode: service.network_mode, endpoints: {} }
  const keys = networksByPriority(service)
  const main = keys[0]
  if (main === undefined || Object.keys(project.networks).length === 0) return { mode: 'none', endpoints: {} }
  const own = service.networks?.[main]?.mac_address
  if (service.mac_address !== undefined && own !== undefined && own !== service.mac_address) {
    throw new ModelError(`the service-level mac_address should have the same value as network ${main}`)
  }
  const nameOf = (key: string): string => project.networks[key]!.name
  const endpoints = keys.map((key, at) => {
    const mac = service.networks?.[key]?.mac_address ?? (at === 0 ? service.mac_address : undefined)
    return [nameOf(key), endpoint(parts, key, mac)] as const
  })
  return { mode: nameOf(main), endpoints: Object.fromEntries(endpoints) }
}
