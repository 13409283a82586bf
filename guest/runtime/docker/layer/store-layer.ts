/**
 * The layer seam for commit and build: what a container (or any overlay mount) wrote becomes a layer of the content
 * store.
 *
 * The launcher's `tar-pack` (guest/native/tar/tar_pack.c) reads the upper directory, and streams it into the store;
 * nothing is kept in the guest. Whiteouts (character device 0:0) become `.wh.NAME`, opaque directories get
 * `.wh..wh..opq` (https://github.com/opencontainers/image-spec/blob/main/layer.md); owners, modes, times in seconds,
 * hard links, devices, `security.capability` and `user.*` attributes are kept, overlayfs's own attributes are not.
 * Names are in byte order, so the same files are the same layer.
 *
 * To make an image of it, hand `layer.digest` and `layer.diffId` to `context.content.createImage(config, layers,
 * reference)`: `config.rootfs.diff_ids` lists the base image's diffIds and then `layer.diffId`; `layers` the base's
 * `digest`s and then `layer.digest`. Until then the store keeps the layer for an hour. A step that changed nothing
 * (`isEmptyLayer`) gets a history entry with `empty_layer: true` and no layer. The guest finds the layer's tree under
 * `paths.layers` at once.
 */
import type { Digest } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { O } from '../../plan/linux-constants.ts'
import { SLOT, type HostPlan } from '../../plan/plan.ts'
import { PACK } from '../../plan/pack-flags.ts'

export interface StoredLayer {
  /** The digest of the stored blob, which is the uncompressed tar, so it equals `diffId`. */
  digest: Digest
  diffId: Digest
  /** Bytes of the tar. */
  size: number
  /** Bytes of file contents. */
  unpackedSize: number
}

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'

/** The diffId of a tar without members: two blocks of zeros. */
const EMPTY_LAYER: Digest = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'

export const isEmptyLayer = ({ diffId }: StoredLayer): boolean => diffId === EMPTY_LAYER

function packPlan(upper: string): HostPlan {
  return {
    steps: [
      { op: 'open', slot: SLOT.root, path: upper, flags: O.PATH | O.DIRECTORY },
      { op: 'tar-pack', at: SLOT.root, path: '/', name: '', flags: PACK.upper, exclude: [] },
    ],
  }
}

/**
 * Stores a container's changes as a layer. The files should not change meanwhile: pause a running container first, as
 * `docker commit` does.
 * @param upper the container, or an overlay's upper directory (absolute path in the guest)
 * @throws EngineError `not-found` when the directory is missing, `exhausted` when the store is full, `unavailable` when
 * the page is gone
 */
export async function storeUpperLayer(
  { launcher, content, paths }: Pick<EngineContext, 'launcher' | 'content' | 'paths'>,
  upper: string | Container,
): Promise<StoredLayer> {
  const directory = typeof upper === 'string' ? upper : `${paths.overlay}/${upper.id}/diff`
  const { output } = await launcher.stream(packPlan(directory))
  const { diffId, size, unpackedSize } = await content.ingest(LAYER_TYPE, output)
  if (diffId === undefined || unpackedSize === undefined)
    throw new EngineError('internal', `the content store did not unpack the layer of ${directory}`)
  return { digest: diffId, diffId, size, unpackedSize }
}
