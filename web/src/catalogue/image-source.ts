/** Where images come from: the bundled catalogue, a remote registry, and the page's own registry. */
import type { Descriptor } from '../content/blob-store.ts'
import type { ImageReference } from '../../../guest/vocabulary/image-reference.ts'

export interface FetchedManifest extends Descriptor {
  bytes: Uint8Array
}

/** Each call, and the bytes of a blob, end with the reason of a signal that aborts, though the other side says nothing. */
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
  /** The source gives every blob again at any time (files of this site), so that no copy of it need be kept. */
  readonly permanent: boolean
}

export interface BlobStream {
  start: number
  bytes: AsyncIterable<Uint8Array>
}
