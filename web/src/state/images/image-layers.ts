import type { ImageHistoryItem, ImageInspect } from '../../../../guest/protocol/api/engine-api.ts'

export interface LayerView {
  /** Digest of the uncompressed layer (diffId); undefined for steps that changed only the configuration. */
  digest?: string
  createdBy: string
  size: number
  /** Names of other images and of containers whose stack has this layer. */
  sharedBy: { images: string[]; containers: string[] }
}

/** An image or a container, with the layers that it stands on. */
export interface LayerOwner {
  kind: 'image' | 'container'
  name: string
  /** Id of the image. */
  image: string
}

/**
 * Layers of an image, lowest first. History lists every step newest first; the steps that made a layer pair up, in order,
 * with the digests of RootFS.Layers (OCI image specification, config.md, `history`). Docker's history has no mark for
 * empty steps, so a step counts as empty when its size is 0 and fewer digests than steps are left.
 */
export function layersOf(
  image: Pick<ImageInspect, 'Id' | 'RootFS'>,
  history: ImageHistoryItem[],
  owners: LayerOwner[],
  digestsOf: ReadonlyMap<string, readonly string[]>,
): LayerView[] {
  const digests = [...(image.RootFS.Layers ?? [])]
  const steps = history.toReversed()
  return steps.map((step, index) => {
    const isEmpty = digests.length === 0 || (step.Size === 0 && steps.length - index > digests.length)
    const digest = isEmpty ? undefined : digests.shift()
    return {
      ...(digest !== undefined && { digest }),
      createdBy: step.CreatedBy,
      size: step.Size,
      sharedBy: sharersOf(digest, image.Id, owners, digestsOf),
    }
  })
}

function sharersOf(
  digest: string | undefined,
  own: string,
  owners: LayerOwner[],
  digestsOf: ReadonlyMap<string, readonly string[]>,
): LayerView['sharedBy'] {
  const sharers =
    digest === undefined ? [] : owners.filter(({ image }) => digestsOf.get(image)?.includes(digest))
  return {
    images: sharers.filter(({ kind, image }) => kind === 'image' && image !== own).map(({ name }) => name),
    containers: sharers.filter(({ kind }) => kind === 'container').map(({ name }) => name),
  }
}
