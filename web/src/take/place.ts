/** Names in the compose file for all that services refer to, decided before the services themselves. */
import type { NetworkInspect, VolumeInspect } from '../../../guest/protocol/api/engine-api.ts'
import { placesOf, type BoundFilesBySource, type TakenFiles } from './bound-files.ts'
import { COMPOSE_LABEL } from './compose-labels.ts'
import type { Inventory } from './inventory.ts'
import { composeKey, containerName, unusedKey, type TakenService } from './names.ts'

export interface Keyed<What> {
  key: string
  what: What
}

export interface Placed {
  project: string
  /** Keys of services, by the id of their containers and by their name. */
  services: ReadonlyMap<string, string>
  containersByName: ReadonlyMap<string, string>
  /** Named volumes that are mounted, by name. */
  volumes: ReadonlyMap<string, Keyed<VolumeInspect>>
  /** Networks that somebody made, by name. */
  networks: ReadonlyMap<string, Keyed<NetworkInspect>>
  bound: BoundFilesBySource
  files: ReadonlyMap<string, TakenFiles>
}

const ANONYMOUS_LABEL = 'com.docker.volume.anonymous'
const MADE_UP_NAME = /^[0-9a-f]{64}$/
/** Networks that every Docker has: a service is on one of them by its mode. */
export const BUILT_IN_NETWORKS: ReadonlySet<string> = new Set(['bridge', 'host', 'none'])

const isNamed = ({ Name, Labels }: VolumeInspect): boolean =>
  Labels?.[ANONYMOUS_LABEL] === undefined && !MADE_UP_NAME.test(Name)

/** In the order of their names. A key of Compose is kept where its resource was of this project. */
function keyed<What extends { Name: string; Labels: Record<string, string> | null }>(
  resources: readonly What[],
  project: string,
  label: string,
): ReadonlyMap<string, Keyed<What>> {
  const taken = new Set<string>()
  const entries = [...resources]
    .sort((a, b) => (a.Name < b.Name ? -1 : 1))
    .map((what) => {
      const own = what.Labels?.[COMPOSE_LABEL.project] === project ? what.Labels[label] : undefined
      return [what.Name, { key: unusedKey(composeKey(own ?? what.Name), taken), what }] as const
    })
  return new Map(entries)
}

export function place(
  { containers, networks, volumes, bound }: Inventory,
  services: readonly TakenService[],
  project: string,
): Placed {
  const mounted = new Set(containers.flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name)))
  const joined = new Set(containers.flatMap(({ NetworkSettings: { Networks } }) => Object.keys(Networks)))
  const keyOf = services.flatMap(({ key, containers: all }) =>
    all.map((container) => [container, key] as const),
  )
  return {
    project,
    services: new Map(keyOf.map(([{ Id }, key]) => [Id, key])),
    containersByName: new Map(keyOf.map(([container, key]) => [containerName(container), key])),
    volumes: keyed(
      volumes.filter((volume) => mounted.has(volume.Name) && isNamed(volume)),
      project,
      COMPOSE_LABEL.volume,
    ),
    networks: keyed(
      networks.filter(({ Name }) => joined.has(Name) && !BUILT_IN_NETWORKS.has(Name)),
      project,
      COMPOSE_LABEL.network,
    ),
    bound,
    files: placesOf(bound),
  }
}
