/** Shows image records in the shapes of Docker's API. */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import type { ImageHistoryItem, ImageInspect, ImageSummary } from '../../../protocol/api/engine-api.ts'
import { OWN_PLATFORM } from '../../../vocabulary/platform.ts'
import { familiarReference, familiarRepository, parseReference } from '../../../vocabulary/image-reference.ts'

export const imageSize = ({ layers }: ImageRecord): number =>
  layers.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0)

export function repoTags({ references }: ImageRecord): string[] {
  return references
    .map(parseReference)
    .filter(({ tag }) => tag !== undefined)
    .map(familiarReference)
    .sort()
}

export function repoDigests({ references, manifestDigest }: ImageRecord): string[] {
  const repositories = references.map((text) => familiarRepository(parseReference(text)))
  return [...new Set(repositories)].sort().map((repository) => `${repository}@${manifestDigest}`)
}

const seconds = (time: string | undefined) => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))

/**
 * @param containers how many use it
 * @param shared bytes in layers that other images have too; -1 when not asked for
 */
export function imageSummary(image: ImageRecord, containers: number, shared = -1): ImageSummary {
  return {
    Id: image.id,
    ParentId: image.built?.parent ?? '',
    RepoTags: repoTags(image),
    RepoDigests: repoDigests(image),
    Created: seconds(image.config.created),
    Size: imageSize(image),
    SharedSize: shared,
    Containers: containers,
    Labels: image.config.config?.Labels ?? null,
  }
}

export function imageInspect(image: ImageRecord, layerDirectories: string[]): ImageInspect {
  const { config } = image
  return {
    Id: image.id,
    RepoTags: repoTags(image),
    RepoDigests: repoDigests(image),
    Parent: image.built?.parent ?? '',
    Comment: config.history?.at(-1)?.comment ?? '',
    ...(config.created !== undefined && { Created: config.created }),
    DockerVersion: '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os || OWN_PLATFORM.os,
    Size: imageSize(image),
    GraphDriver: {
      Name: 'overlay2',
      Data: {
        LowerDir: layerDirectories.slice(1).join(':'),
        UpperDir: layerDirectories[0] ?? '',
      },
    },
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    Config: {
      User: '',
      Env: [],
      Cmd: null,
      Entrypoint: null,
      Volumes: null,
      WorkingDir: '',
      OnBuild: null,
      Labels: null,
      ...config.config,
    },
  }
}

/** The image and the images that it was built from, newest first. */
function lineage(image: ImageRecord, images: readonly ImageRecord[]): ImageRecord[] {
  const parent = images.find(({ id }) => id === image.built?.parent)
  return parent ? [image, ...lineage(parent, images)] : [image]
}

/** The steps of the image, newest first. A step that was built here is an image of its own, and is looked up in `images`. */
export function imageHistory(image: ImageRecord, images: readonly ImageRecord[]): ImageHistoryItem[] {
  const sizes = image.layers.map(({ unpackedSize }) => unpackedSize)
  const steps = image.config.history ?? sizes.map(() => ({}))
  let layer = 0
  const items = steps.map(
    (step: NonNullable<ImageRecord['config']['history']>[number]): ImageHistoryItem => ({
      Id: '<missing>',
      Created: seconds(step.created),
      CreatedBy: step.created_by ?? '',
      Tags: null,
      Size: step.empty_layer ? 0 : (sizes[layer++] ?? 0),
      Comment: step.comment ?? '',
    }),
  )
  items.reverse()
  for (const [index, step] of lineage(image, images).entries()) {
    const tags = repoTags(step)
    if (items[index]) Object.assign(items[index], { Id: step.id, Tags: tags.length > 0 ? tags : null })
  }
  return items
}
