/** Pulls images into the store from any source, layer by layer, in the words of `docker pull`. */
import type { Digest, ImageLayer, ImageRecord, Platform } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Descriptor } from '../content/blob-store.ts'
import type { LayerDescriptor } from '../catalogue/catalogue.ts'
import type { ContentStore } from '../content/content-store.ts'
import { parseDigest, shortId } from '../storage/digest.ts'
import { fetchConfig } from './fetch-config.ts'
import { type ImageReference, formatReference } from '../../../guest/vocabulary/image-reference.ts'
import type { FetchedManifest, ImageSource } from '../catalogue/image-source.ts'
import type { StoredImage } from '../content/image-store.ts'
import { inheritDirectories } from '../content/inherit-directories.ts'
import type { OnProgress } from './pull-progress.ts'
import { LayerFetcher } from './layer-fetcher.ts'
import {
  layerCompression,
  parseImageConfig,
  parseManifest,
  selectPlatform,
  type ManifestDocument,
} from '../content/manifest.ts'
import { randomKey } from '../content/runs.ts'

export interface PullOptions {
  reference: ImageReference
  source: ImageSource
  platform: Platform
  onProgress: OnProgress
  signal?: AbortSignal
  /** Awaited before each piece of a layer that nobody else waits for. */
  pace?: () => Promise<void>
}

/** Docker's default. */
const PARALLEL_DOWNLOADS = 3
/** Milliseconds, enough for the slowest pull; the pull releases its lease as soon as it ends. */
const LEASE_LIFETIME = 24 * 60 * 60 * 1000

interface Resolved {
  manifest: FetchedManifest
  document: ManifestDocument
}

export class Puller {
  private readonly store: ContentStore
  readonly layers: LayerFetcher

  constructor(store: ContentStore) {
    this.store = store
    this.layers = new LayerFetcher(store)
  }

  /** Rejects with EngineError: `not-found`, `unauthorized`, `unavailable`, `corrupt`, `exhausted`, `not-supported`. */
  async pull(options: PullOptions): Promise<ImageRecord> {
    const { reference, onProgress } = options
    const resolved = await this.resolve(options)
    // Reported only now, because an image that cannot be pulled is an error without progress.
    onProgress({ id: reference.tag ?? reference.digest, status: 'Pulling from', from: reference.path })
    const name = formatReference(reference)
    const known = await this.store.images.reference(name)
    if (known?.manifestDigest === resolved.manifest.digest && (await this.complete(known.id)))
      return this.store.images.record(known.id)
    const lease = `pull-${randomKey()}`
    try {
      const image = await this.fetchContents(options, resolved, lease)
      await this.store.transaction(() => this.store.images.put(image, name))
      if (!options.source.permanent) await this.noteOrigin(reference, image)
      return await this.store.images.record(image.id)
    } finally {
      await this.store.release(lease)
    }
  }

  /** Makes an image pullable without a network: its content is in the store, but no image is listed. */
  async prefetch(options: PullOptions): Promise<void> {
    const resolved = await this.resolve(options)
    const lease = `offline-${formatReference(options.reference)}`
    // Gives up the content that an older version of the site had under this name.
    await this.store.release(lease)
    await this.fetchContents(options, resolved, lease, null)
  }

  private async resolve({ reference, source, platform, signal }: PullOptions): Promise<Resolved> {
    const what = formatReference(reference)
    let manifest = await source.manifest(reference, signal)
    let document = parseManifest(manifest.bytes, manifest.mediaType, what)
    if (document.kind === 'index') {
      const chosen = selectPlatform(document, platform)
      manifest = await source.manifestByDescriptor(reference, chosen, signal)
      document = parseManifest(manifest.bytes, manifest.mediaType, what)
    }
    if (document.kind === 'index') throw new EngineError('not-supported', `${what} is an index of indexes`)
    document.layers.forEach(layerCompression)
    return { manifest, document }
  }

  /** Remembers where the blobs are, so that a later push to the same registry can have them mounted from there. */
  private noteOrigin({ domain, path }: ImageReference, { id, layers }: StoredImage): Promise<void> {
    return this.store.origins.add([id, ...layers.map(({ digest }) => digest)], `${domain}/${path}`)
  }

  private async complete(id: Digest): Promise<boolean> {
    const image = await this.store.images.get(id)
    if (image === undefined) return false
    const layers = await Promise.all(image.layers.map(({ diffId }) => this.store.layers.get(diffId)))
    return layers.every((layer) => layer !== undefined)
  }

  /** @param lifetime milliseconds of the lease; null never ends it */
  private async fetchContents(
    options: PullOptions,
    { manifest, document }: Resolved,
    lease: string,
    lifetime: number | null = LEASE_LIFETIME,
  ): Promise<StoredImage> {
    const { reference } = options
    const blobs = [manifest, document.config, ...document.layers].map(({ digest }) => digest)
    await this.store.lease(lease, blobs, lifetime ?? undefined)
    const bytes = await this.fetchConfig(options, document.config)
    const config = parseImageConfig(bytes, document.layers.length, formatReference(reference))
    await this.store.lease(lease, config.rootfs.diff_ids.map(parseDigest), lifetime ?? undefined)
    await this.putBlob(manifest.mediaType, manifest.digest, manifest.bytes)
    await this.putBlob(document.config.mediaType, document.config.digest, bytes)
    const descriptors = document.layers.map((layer, index) => ({
      ...layer,
      diffId: config.rootfs.diff_ids[index]!,
    }))
    const layers = await this.fetchLayers(options, descriptors)
    await inheritDirectories(
      this.store.layers,
      layers.map(({ diffId }) => diffId),
    )
    return { id: document.config.digest, manifestDigest: manifest.digest, config, layers }
  }

  private async fetchConfig(
    { source, reference, signal }: PullOptions,
    descriptor: Descriptor,
  ): Promise<Uint8Array> {
    if ((await this.store.blobs.get(descriptor.digest)) !== undefined)
      return this.store.blobs.readAll(descriptor.digest)
    return fetchConfig(source, reference, descriptor, signal)
  }

  private async putBlob(mediaType: string, digest: Digest, bytes: Uint8Array): Promise<void> {
    if ((await this.store.blobs.get(digest)) === undefined) await this.store.blobs.put(mediaType, bytes)
  }

  /**
   * Downloads at most three layers at once; the first failure stops the rest, which keep what they have for another
   * try.
   */
  private async fetchLayers(
    options: PullOptions,
    descriptors: readonly LayerDescriptor[],
  ): Promise<ImageLayer[]> {
    const stop = new AbortController()
    const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal])
    for (const layer of descriptors)
      if ((await this.layers.present({ ...options, layer })) === undefined)
        options.onProgress({ id: shortId(layer.digest), status: 'Pulling fs layer' })
    const layers: ImageLayer[] = []
    const queue = descriptors.entries()
    const worker = async (): Promise<void> => {
      for (const [index, layer] of queue) {
        const record = await this.layers.ensure({ ...options, layer, signal })
        layers[index] = { ...layer, unpackedSize: record.unpackedSize }
      }
    }
    const guarded = (): Promise<void> =>
      worker().catch((error: unknown) => {
        stop.abort(error)
        throw error
      })
    const results = await Promise.allSettled(Array.from({ length: PARALLEL_DOWNLOADS }, guarded))
    if (stop.signal.aborted) throw EngineError.from(stop.signal.reason)
    if (results.some(({ status }) => status === 'rejected')) throw EngineError.from(signal.reason)
    return layers
  }
}
