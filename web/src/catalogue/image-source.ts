/** The sources of images: the bundled catalogue, a remote registry, and the page's own registry. */
import type { Descriptor } from '../content/blob-store.ts'
import type { ImageReference } from '../../../guest/vocabulary/image-reference.ts'

export interface FetchedManifest extends Descriptor {
  bytes: Uint8Array
}

/** A signal that aborts ends each call and the bytes of a blob with its reason, even when the other side stalls. */
export interface ImageSource {
  /** The manifest or index that a reference names; verified when the reference has a digest. */
  manifest(reference: ImageReference, signal?: AbortSignal): Promise<FetchedManifest>
  /** A manifest inside an index, verified. */
  manifestByDescriptor(
    reference: ImageReference,
    descriptor: Descriptor,
    signal?: AbortSignal,
  ): Promise<FetchedManifest>
  /**
   * A blob's bytes from `offset` on, not verified. The stream starts at 0 when the source can't do otherwise: `start`
   * says where.
   */
  blob(
    reference: ImageReference,
    descriptor: Descriptor,
    offset: number,
    signal?: AbortSignal,
  ): Promise<BlobStream>
  /**
   * True when the source can send every blob again at any time (files of this site), so that no copy needs to be kept.
   */
  readonly permanent: boolean
}

export interface BlobStream {
  start: number
  bytes: AsyncIterable<Uint8Array>
}
