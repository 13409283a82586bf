/**
 * The images that the site brings along: an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md)
 * at `images/` below the base URL, whose index names each manifest with its full reference.
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Descriptor } from '../content/blob-store.ts'
import { digestHex, verifyDigest } from '../storage/digest.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import {
  type ImageReference,
  formatReference,
  parseDockerReference,
} from '../../../guest/vocabulary/image-reference.ts'
import type { BlobStream, FetchedManifest, ImageSource } from './image-source.ts'
import { MEDIA_TYPES, parseImageConfig, parseManifest } from '../content/manifest.ts'

/** Reads the site's files; a page does it by fetch, Node from the disk. */
export interface SiteFiles {
  /** Reads a whole file. Rejects with EngineError `unavailable` naming the file. */
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>
  /** Streams the file from `offset` on, or from its start when ranges aren't served. */
  stream(path: string, offset: number, signal?: AbortSignal): Promise<BlobStream>
}

/** Site files on a local disk: a stream is the whole file, read at once. */
export function wholeFiles(read: SiteFiles['read']): SiteFiles {
  const stream = async (path: string, offset: number): Promise<BlobStream> => {
    const bytes = await read(path)
    const rest = async function* (): AsyncGenerator<Uint8Array> {
      for (let start = offset; start < bytes.length; start += STREAM_STEP)
        yield bytes.subarray(start, start + STREAM_STEP)
    }
    return { start: offset, bytes: rest() }
  }
  return { read, stream }
}

/** Bytes of each piece: large, because each takes a turn of the event loop that the machine shares. */
const STREAM_STEP = 1 << 20

export interface CatalogueImage {
  /** `docker.io/library/busybox:latest`. */
  reference: string
  manifest: Descriptor
  /** Empty when the site gives none. */
  description: string
}

export type LayerDescriptor = Descriptor & { diffId: Digest }

export interface CatalogueContents {
  config: Descriptor
  layers: LayerDescriptor[]
}

export interface LayerPlace {
  reference: ImageReference
  layer: LayerDescriptor
  /** The image's layers below this one, lowest first. */
  below: LayerDescriptor[]
}

const FOLDER = 'images'
/** https://github.com/opencontainers/image-spec/blob/main/annotations.md; containerd's holds the full name. */
const NAME_ANNOTATIONS = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']
const DESCRIPTION_ANNOTATION = 'org.opencontainers.image.description'

export class Catalogue implements ImageSource {
  readonly permanent = true
  private readonly files: SiteFiles
  private readonly cached: CatalogueCache
  private entries: Promise<CatalogueImage[]> | undefined

  /** @param cached keeps the documents for use without a network */
  constructor(files: SiteFiles, cached: CatalogueCache) {
    this.files = files
    this.cached = cached
  }

  /** Empty for a site without images. */
  images(): Promise<CatalogueImage[]> {
    // A failure isn't remembered, because the network may come back.
    this.entries ??= this.loadIndex().catch((error: unknown) => {
      this.entries = undefined
      throw error
    })
    return this.entries
  }

  /** Each image with the first of its names; `latest` comes first in ours. */
  async distinct(): Promise<CatalogueImage[]> {
    const images = await this.images()
    const first = new Map(images.toReversed().map((image) => [image.manifest.digest, image]))
    return images.filter((image) => first.get(image.manifest.digest) === image)
  }

  async find(reference: ImageReference): Promise<CatalogueImage | undefined> {
    const images = await this.images()
    const { digest } = reference
    if (digest === undefined) return images.find((image) => image.reference === formatReference(reference))
    const repository = `${reference.domain}/${reference.path}:`
    return images.find((image) => image.manifest.digest === digest && image.reference.startsWith(repository))
  }

  async manifest(reference: ImageReference, signal?: AbortSignal): Promise<FetchedManifest> {
    const image = await unlessAborted(this.find(reference), signal)
    if (image === undefined)
      throw new EngineError('not-found', `${formatReference(reference)} is not among the images of this site`)
    return this.manifestByDescriptor(reference, image.manifest, signal)
  }

  async manifestByDescriptor(
    _reference: ImageReference,
    descriptor: Descriptor,
    signal?: AbortSignal,
  ): Promise<FetchedManifest> {
    const bytes = await this.document(descriptor, signal)
    return { ...descriptor, bytes }
  }

  async blob(
    _reference: ImageReference,
    { digest }: Descriptor,
    offset: number,
    signal?: AbortSignal,
  ): Promise<BlobStream> {
    return this.files.stream(blobPath(digest), offset, signal)
  }

  /** Configuration and layers of one image. */
  async describe(image: CatalogueImage): Promise<CatalogueContents> {
    const { mediaType } = image.manifest
    const manifest = parseManifest(await this.document(image.manifest), mediaType, image.reference)
    if (manifest.kind !== 'manifest')
      throw new EngineError('corrupt', `${image.reference} is an index inside the catalogue’s index`)
    const bytes = await this.document(manifest.config)
    const config = parseImageConfig(bytes, manifest.layers.length, image.reference)
    const layers = manifest.layers.map((layer, index) => ({
      ...layer,
      diffId: config.rootfs.diff_ids[index]!,
    }))
    return { config: manifest.config, layers }
  }

  /**
   * Finds the image that has the layer with this diffId: a restored guest may ask for one before anything was pulled.
   */
  async findLayer(diffId: Digest): Promise<LayerPlace | undefined> {
    for (const image of await this.distinct()) {
      const { layers } = await this.describe(image)
      const index = layers.findIndex((layer) => layer.diffId === diffId)
      const layer = layers[index]
      if (layer !== undefined)
        return { reference: parseDockerReference(image.reference), layer, below: layers.slice(0, index) }
    }
    return undefined
  }

  /** Finds the image that has this manifest, configuration or layer. */
  async findBlob(digest: Digest): Promise<{ reference: ImageReference; descriptor: Descriptor } | undefined> {
    for (const image of await this.distinct()) {
      const { config, layers } = await this.describe(image)
      const descriptor = [image.manifest, config, ...layers].find((candidate) => candidate.digest === digest)
      if (descriptor !== undefined) return { reference: parseDockerReference(image.reference), descriptor }
    }
    return undefined
  }

  private async document(descriptor: Descriptor, signal?: AbortSignal): Promise<Uint8Array> {
    const stored = await this.cached.blob(descriptor.digest)
    if (stored !== undefined) return stored
    const path = blobPath(descriptor.digest)
    const bytes = await this.files.read(path, signal)
    await verifyDigest(bytes, descriptor.digest, path)
    return bytes
  }

  private async loadIndex(): Promise<CatalogueImage[]> {
    const path = `${FOLDER}/index.json`
    const bytes = await this.cached.index(() => this.files.read(path))
    const index = parseManifest(bytes, MEDIA_TYPES.ociIndex, path)
    if (index.kind !== 'index') throw new EngineError('corrupt', `${path} is not an image index`)
    return index.manifests.map(({ annotations, ...manifest }) => {
      const name = NAME_ANNOTATIONS.map((key) => annotations?.[key]).find((value) => value !== undefined)
      if (name === undefined)
        throw new EngineError('corrupt', `${path} has a manifest without a name: ${manifest.digest}`)
      const description = annotations?.[DESCRIPTION_ANNOTATION] ?? ''
      return { reference: formatReference(parseDockerReference(name)), manifest, description }
    })
  }
}

export interface CatalogueCache {
  /** The document with this digest; undefined when the store doesn't have it. */
  blob(digest: Digest): Promise<Uint8Array | undefined>
  /** Reads the index from the site; when the site can't be reached, from the last visit. */
  index(read: () => Promise<Uint8Array>): Promise<Uint8Array>
}

function blobPath(digest: Digest): string {
  return `${FOLDER}/blobs/${digest.slice(0, digest.indexOf(':'))}/${digestHex(digest)}`
}
