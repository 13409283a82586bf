import type { ContentRequest, Digest, ImageLayer, ImageRecord } from '../../../guest/protocol/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BlobRecord } from './blob-store.ts'
import type { ContentStore } from './content-store.ts'
import { digestOf, parseDigest } from './digest.ts'
import { inheritDirectories } from './inherit-directories.ts'
import { formatReference, parseReference } from './image-reference.ts'
import { MACHINE_PLATFORM, MEDIA_TYPES, parseImageConfig } from './manifest.ts'

/**
 * Writes configuration and manifest, and points the reference at them. Rejects with EngineError `not-found` when a
 * layer isn't stored, `invalid` or `corrupt` when the configuration contradicts the layers.
 */
export async function createImage(
  store: ContentStore,
  { config, layers, reference, built }: Extract<ContentRequest, { call: 'create-image' }>,
): Promise<ImageRecord> {
  const name = reference === undefined ? undefined : formatReference(parseReference(reference))
  const configBytes = new TextEncoder().encode(JSON.stringify(config))
  parseImageConfig(configBytes, layers.length, MACHINE_PLATFORM, name ?? 'the new image')
  const described = await Promise.all(
    layers.map((digest, index) =>
      describeLayer(store, parseDigest(digest), parseDigest(config.rootfs.diff_ids[index])),
    ),
  )
  const manifest = new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: {
        mediaType: MEDIA_TYPES.ociConfig,
        digest: await digestOf(configBytes),
        size: configBytes.length,
      },
      layers: described.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    }),
  )
  await inheritDirectories(store.layers, config.rootfs.diff_ids)
  return store.transaction(async (leases) => {
    const { digest: id } = await put(store, MEDIA_TYPES.ociConfig, configBytes)
    const { digest: manifestDigest } = await put(store, MEDIA_TYPES.ociManifest, manifest)
    await store.images.put({ id, manifestDigest, config, layers: described, ...(built && { built }) }, name)
    // From here on the image keeps its layers.
    for (const { digest, diffId } of described) {
      await leases.remove(`ingest-${digest}`)
      await leases.remove(`ingest-${diffId}`)
    }
    return store.images.record(id)
  })
}

async function put(store: ContentStore, mediaType: string, bytes: Uint8Array): Promise<BlobRecord> {
  const known = await store.blobs.get(await digestOf(bytes))
  return known ?? store.blobs.put(mediaType, bytes)
}

/** As transferred: the blob, a layer of an image that is here, or the uncompressed tar itself. */
async function describeLayer(store: ContentStore, digest: Digest, diffId: Digest): Promise<ImageLayer> {
  const layer = await store.layers.get(diffId)
  if (layer === undefined)
    throw new EngineError('not-found', `layer ${diffId} is not in the store`, { diffId })
  const { unpackedSize } = layer
  if (digest === diffId)
    return { digest, diffId, mediaType: MEDIA_TYPES.ociLayer, size: layer.run.size, unpackedSize }
  const blob = await store.blobs.get(digest)
  if (blob !== undefined)
    return { digest, diffId, mediaType: blob.mediaType, size: blob.run.size, unpackedSize }
  for (const image of await store.images.list()) {
    const same = image.layers.find((known) => known.digest === digest && known.diffId === diffId)
    if (same !== undefined) return same
  }
  throw new EngineError('not-found', `layer ${digest} is not in the store`, { digest })
}
