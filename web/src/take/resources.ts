/** Networks and volumes of a compose file. */
import type { NetworkInspect, VolumeInspect } from '../../../guest/protocol/api/engine-api.ts'
import { ownLabels } from './compose-labels.ts'
import type { ComposeMap } from './compose-yaml.ts'
import type { Keyed, Placed } from './place.ts'
import { filled, given } from './service-process.ts'

/** The name is given where it is not the one that Compose would make of the key. */
const nameOf = (project: string, { key, what }: Keyed<{ Name: string }>): string | undefined =>
  what.Name === `${project}_${key}` ? undefined : what.Name

export function networksOf(
  { networks, project }: Placed,
  hasAddresses: (name: string) => boolean,
): ComposeMap {
  const entries = [...networks.values()].map((network) => {
    const { what } = network
    const settings = filled({
      name: nameOf(project, network),
      driver: what.Driver === 'bridge' ? undefined : what.Driver,
      driver_opts: filled(what.Options ?? {}),
      internal: what.Internal || undefined,
      attachable: what.Attachable || undefined,
      enable_ipv6: what.EnableIPv6 || undefined,
      ipam: ipam(what, hasAddresses(what.Name)),
      labels: ownLabels(what.Labels),
    })
    return [network.key, settings ?? {}] as const
  })
  // Compose makes the default network of a project by itself.
  return Object.fromEntries(entries.filter(([key, settings]) => key !== 'default' || filled(settings)))
}

/** What Docker gives out by itself, and would again: 172.17–31.0.0/16, 192.168.0–240.0/20, IPv6's ULA. */
const POOL = /^(?:172\.(?:1[7-9]|2\d|3[01])\.0\.0\/16|192\.168\.\d+\.0\/20|fd[0-9a-f]{2}:.*)$/i

function ipam({ IPAM }: NetworkInspect, hasAddresses: boolean): ComposeMap | undefined {
  const all = IPAM.Config ?? []
  const chosen = all.some(
    ({ Subnet = '', IPRange, AuxiliaryAddresses }) =>
      !POOL.test(Subnet) || given(IPRange) !== undefined || filled(AuxiliaryAddresses ?? {}) !== undefined,
  )
  if (!chosen && !hasAddresses) return undefined
  const config = all.map(({ Subnet, Gateway, IPRange, AuxiliaryAddresses }) => ({
    subnet: given(Subnet),
    gateway: given(Gateway),
    ip_range: given(IPRange),
    aux_addresses: filled(AuxiliaryAddresses ?? {}),
  }))
  return { driver: IPAM.Driver === 'default' ? undefined : given(IPAM.Driver), config }
}

/** Where a volume of the local driver has its content when its options name a place of the guest. */
export const isElsewhere = ({ Driver, Options }: VolumeInspect): boolean =>
  Driver !== 'local' || (given(Options?.device) !== undefined && Options?.type !== 'tmpfs')

export function volumesOf({ volumes, project }: Placed): ComposeMap {
  return Object.fromEntries(
    [...volumes.values()].map((volume) => {
      const { what } = volume
      const settings = filled({
        name: nameOf(project, volume),
        driver_opts: isElsewhere(what) ? undefined : filled(what.Options ?? {}),
        labels: ownLabels(what.Labels),
      })
      return [volume.key, settings ?? {}] as const
    }),
  )
}

/** Whether a volume's content is a tmpfs, which is empty whenever it is mounted anew. */
export const isMemory = ({ Options }: VolumeInspect): boolean => Options?.type === 'tmpfs'
