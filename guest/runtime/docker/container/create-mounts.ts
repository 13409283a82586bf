/** The mounts that a create request asks for: volumes, binds, mounts of other containers, and images. */
import type { Digest, ImageRecord } from '../../../protocol/api/content.ts'
import type { HostConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { shortId } from '../state/ids.ts'
import type { InheritedMount, MountableImage, VolumeService } from '../volume/volume-api.ts'

type MountsRequest = Parameters<VolumeService['resolveMounts']>[0]

/**
 * Finds a container that a part of the request names. A missing one makes the request `invalid`; `not-found` would mean
 * the container of the request itself.
 */
export function required({ containers }: EngineContext, name: string): Container {
  try {
    return containers.find(name)
  } catch (thrown) {
    const { message, details } = EngineError.from(thrown)
    throw new EngineError('invalid', message, details, thrown)
  }
}

/**
 * Finds the images that the request mounts, by the names that it uses for them.
 * @throws EngineError `not-found`
 */
export async function mountedImages(
  { images }: EngineContext,
  { Mounts }: HostConfig,
): Promise<Map<string, ImageRecord>> {
  const found = new Map<string, ImageRecord>()
  for (const { Type, Source = '' } of Mounts ?? [])
    if (Type === 'image' && !found.has(Source)) found.set(Source, await images.find(Source))
  return found
}

/** Where an image's layers are merged: in the container's own directory, so that it is removed with the container. */
const imageDirectory = ({ paths }: EngineContext, { id }: ContainerRecord, image: Digest): string =>
  `${paths.overlay}/${id}/images/${shortId(image.slice(image.indexOf(':') + 1))}`

interface Inherited {
  mounts: InheritedMount[]
  imageMounts: Record<Digest, Digest[]>
}

function inheritedOf(context: EngineContext, record: ContainerRecord): Inherited {
  const inherited: Inherited = { mounts: [], imageMounts: {} }
  for (const entry of record.hostConfig.VolumesFrom ?? []) {
    if (entry === '') throw new EngineError('invalid', 'volumes-from specification cannot be an empty string')
    const [name = '', mode = ''] = entry.split(/:(.*)/s, 2)
    if (!['', 'ro', 'rw', 'z', 'Z'].includes(mode)) throw new EngineError('invalid', `invalid mode: ${mode}`)
    const other = required(context, name).record
    Object.assign(inherited.imageMounts, other.imageMounts)
    for (const { point, subpath, image } of other.mounts)
      inherited.mounts.push({
        ...(subpath !== undefined && { subpath }),
        ...(image !== undefined && { image }),
        point: {
          ...point,
          ...(mode === 'ro' && { RW: false, Mode: 'ro' }),
          ...(image !== undefined && { Source: imageDirectory(context, record, image) }),
        },
      })
  }
  return inherited
}

/**
 * Collects the mounts to resolve, and notes in the record which images' layers the container needs.
 * @throws EngineError `invalid` for `--volumes-from` a container that does not exist
 */
export function mountsRequest(
  context: EngineContext,
  record: ContainerRecord,
  mounted: ReadonlyMap<string, ImageRecord>,
  readOnlyNonRecursive: boolean,
): MountsRequest {
  const { hostConfig, config } = record
  const inherited = inheritedOf(context, record)
  const images = new Map<string, MountableImage>()
  const imageMounts = { ...inherited.imageMounts }
  for (const [name, { id, layers }] of mounted) {
    images.set(name, { id, directory: imageDirectory(context, record, id) })
    imageMounts[id] = layers.map(({ diffId }) => diffId).reverse()
  }
  if (Object.keys(imageMounts).length > 0) record.imageMounts = imageMounts
  return {
    containerId: record.id,
    binds: hostConfig.Binds ?? [],
    mounts: hostConfig.Mounts ?? [],
    tmpfs: hostConfig.Tmpfs ?? {},
    imageVolumes: Object.keys(config.Volumes ?? {}),
    volumesFrom: inherited.mounts,
    images,
    readOnlyNonRecursive,
  }
}
