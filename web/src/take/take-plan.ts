/** From the engine's answers to what is taken along: a compose file, images, volumes, files. Pure. */
import type { ContainerInspect, VolumeInspect } from '../../../guest/protocol/api/engine-api.ts'
import type { TakenFiles } from './bound-files.ts'
import { COMPOSE_LABEL } from './compose-labels.ts'
import { composeYaml, type ComposeMap } from './compose-yaml.ts'
import type { Inventory } from './inventory.ts'
import type { Selection } from './selection.ts'
import type { Left } from './left-behind.ts'
import { containerName, projectName, servicesOf, type TakenService } from './names.ts'
import { place, type Placed } from './place.ts'
import { isElsewhere, isMemory, networksOf, volumesOf } from './resources.ts'
import { limitsOf, rightsOf } from './service-limits.ts'
import { mountsOf } from './service-mounts.ts'
import { networkingOf } from './service-networks.ts'
import { filled, processOf } from './service-process.ts'
import { takenImage, type TakenImage } from './taken-images.ts'

export interface TakenVolume {
  /** Key in the compose file. */
  key: string
  name: string
  /** Its tar in the folder. */
  archive: string
  /** Bytes of its content. */
  size: number
  /** An image of the archive, of which a container is made that has the volume and never runs. */
  image: TakenImage
  /** Ids of the containers that may be writing to it. */
  writers: string[]
}

export interface TakePlan {
  project: string
  composeYaml: string
  services: string[]
  images: TakenImage[]
  volumes: TakenVolume[]
  files: TakenFiles[]
  left: Left[]
}

interface Service {
  key: string
  image: TakenImage
  definition: ComposeMap
  left: Left[]
}

export function planTake(inventory: Inventory, selection: Selection): TakePlan {
  const { containers } = inventory
  const project = projectName(containers, selection)
  const taken = servicesOf(containers)
  const placed = place(inventory, taken, project)
  const services = taken.map((service) => defineService(service, inventory, placed))
  const images = new Map(services.map(({ image }) => [image.reference, image]))
  const compose = {
    name: project,
    services: Object.fromEntries(services.map(({ key, definition }) => [key, definition])),
    networks: filled(networksOf(placed, (name) => containers.some((one) => hasAddress(one, name)))),
    volumes: filled(volumesOf(placed)),
  }
  return {
    project,
    composeYaml: composeYaml(compose),
    services: services.map(({ key }) => key),
    images: [...images.values()],
    volumes: takenVolumes(inventory, placed, new Map(services.map(({ key, image }) => [key, image]))),
    files: [...placed.files.values()],
    left: [...services.flatMap(({ left }) => left), ...volumesElsewhere(placed)],
  }
}

function hasAddress({ NetworkSettings }: ContainerInspect, network: string): boolean {
  const { IPv4Address, IPv6Address } = NetworkSettings.Networks[network]?.IPAMConfig ?? {}
  return Boolean(IPv4Address ?? IPv6Address)
}

function defineService(service: TakenService, { images }: Inventory, placed: Placed): Service {
  const { key, containers } = service
  const [container] = containers
  const inspected = images.find(({ Id }) => Id === container.Image)!
  const image = takenImage(container, inspected)
  const mounts = mountsOf(key, container, placed)
  const networking = networkingOf(key, container, inspected.Config, placed)
  const definition = {
    image: image.reference,
    platform: image.platform,
    container_name: ownName(service, placed.project),
    scale: containers.length > 1 ? containers.length : undefined,
    ...processOf(container, inspected.Config),
    depends_on: dependencies(container, placed),
    ...networking.keys,
    ...mounts.keys,
    ...limitsOf(container.HostConfig),
    ...rightsOf(container.HostConfig),
  }
  return { key, image, definition, left: [...mounts.left, ...networking.left] }
}

/** Undefined for the name that Compose gives by itself. */
function ownName({ key, containers, ofCompose }: TakenService, project: string): string | undefined {
  const name = containerName(containers[0])
  if (containers.length > 1) return undefined
  return ofCompose && name === `${project}-${key}-1` ? undefined : name
}

const CONDITION = /^service_(?:started|healthy|completed_successfully)$/

/** From Compose's label: `db:service_healthy:false,cache:service_started:true`. */
function dependencies({ Config }: ContainerInspect, { services }: Placed): ComposeMap | undefined {
  const known = new Set(services.values())
  const entries = (Config.Labels?.[COMPOSE_LABEL.dependsOn] ?? '').split(',').map((entry) => entry.split(':'))
  return filled(
    Object.fromEntries(
      entries
        .filter(([name = '']) => known.has(name))
        .map(([name, condition = '', restart]) => [
          name!,
          {
            condition: CONDITION.test(condition) ? condition : 'service_started',
            restart: restart === 'true' || undefined,
          },
        ]),
    ),
  )
}

function takenVolumes(
  { containers, volumeSizes }: Inventory,
  { volumes, services }: Placed,
  images: ReadonlyMap<string, TakenImage>,
): TakenVolume[] {
  return [...volumes.values()]
    .filter(({ what }) => !isMemory(what))
    .map(({ key, what: { Name } }) => {
      const mountOf = ({ Mounts }: ContainerInspect) => Mounts.filter((mount) => mount.Name === Name)
      const users = containers.filter((container) => mountOf(container).length > 0)
      const writers = users.filter((user) => user.State.Running && mountOf(user).some(({ RW }) => RW))
      return {
        key,
        name: Name,
        archive: `volumes/${key}.tar`,
        size: volumeSizes.get(Name) ?? 0,
        image: images.get(services.get(users[0]!.Id)!)!,
        writers: writers.filter(({ State }) => !State.Paused).map(({ Id }) => Id),
      }
    })
}

/** Their content comes along as that of any volume; where it was is of the guest. */
const volumesElsewhere = ({ volumes }: Placed): Left[] =>
  [...volumes.values()]
    .filter(({ what }: { what: VolumeInspect }) => isElsewhere(what))
    .map(({ what }) => ({ reason: 'volumeDriver', service: '', what: what.Name }))

/** Bytes of the folder at most: layers may be compressed in it, and are in it once. */
export function takenSize({ images, volumes, files }: TakePlan): number {
  const byId = new Map(images.map(({ id, size }) => [id, size]))
  const sizes = [
    ...byId.values(),
    ...volumes.map(({ size }) => size),
    ...files.map((file) => file.archive.length),
  ]
  return sizes.reduce((total, size) => total + size, 0)
}
