/** Images of the taken containers, each with a name under which the other Docker finds it. */
import type { ContainerInspect, ImageInspect } from '../../../guest/protocol/api/engine-api.ts'
import {
  familiarReference,
  isImageId,
  parseReference,
  withDefaultTag,
} from '../../../guest/vocabulary/image-reference.ts'

export interface TakenImage {
  /** sha256:… */
  id: string
  /** As the archive and the compose file have it. */
  reference: string
  /** Whether the image has no such name here and gets it for the time of the saving. */
  isNew: boolean
  /** `linux/386` */
  platform: string
  /** Bytes, unpacked. */
  size: number
}

/** A repository of its own, for images that have lost their name to another one or never had one. */
const UNNAMED = 'porthole-taken'

/** The name by which the container was made, when the image still has it; then any that it has; then a new one. */
export function takenImage({ Config }: ContainerInspect, image: ImageInspect): TakenImage {
  const { Id, RepoTags = [], Os, Architecture, Variant, Size } = image
  const asked = tagged(Config.Image)
  const known = asked !== undefined && RepoTags.includes(asked) ? asked : RepoTags[0]
  return {
    id: Id,
    reference: known ?? `${UNNAMED}:${Id.replace(/^sha256:/, '').slice(0, 12)}`,
    isNew: known === undefined,
    platform: [Os, Architecture, ...(Variant ? [Variant] : [])].join('/'),
    size: Size,
  }
}

/** Undefined for an id, for a digest, and for what is no reference at all. */
function tagged(name: string): string | undefined {
  if (isImageId(name)) return undefined
  try {
    const reference = withDefaultTag(parseReference(name))
    return reference.digest === undefined ? familiarReference(reference) : undefined
  } catch {
    // A part of an id, which Docker takes for an image too.
    return undefined
  }
}
