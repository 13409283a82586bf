import type {
  BuildStep,
  ContentRequest,
  Digest,
  ImageLayer,
  ImageRecord,
  OciImageConfig,
} from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BlobRecord } from './blob-store.ts'
import type { ContentStore } from './content-store.ts'
import { digestOf, parseDigest } from '../storage/digest.ts'
import { inheritDirectories } from './inherit-directories.ts'
import { formatReference, parseDockerReference } from '../../../guest/vocabulary/image-reference.ts'
import { MEDIA_TYPES, parseImageConfig, parseManifest } from './manifest.ts'

type Call<Name extends ContentRequest['call']> = Extract<ContentRequest, { call: Name }>

interface NewImage {
  configBytes: Uint8Array
  config: OciImageConfig
  layers: ImageLayer[]
  manifest: Uint8Array
  manifestType: string
  name: string | undefined
  built?: BuildStep
}

const canonical = (reference: string | undefined): string | undefined =>
  reference === undefined ? undefined : formatReference(parseDockerReference(reference))

/**
 * Writes configuration and manifest, and points the reference at them. Rejects with EngineError `not-found` when a
 * layer isn't stored, `invalid` or `corrupt` when the configuration contradicts the layers.
 */
export async function createImage(
  store: ContentStore,
  { config, layers: digests, reference, built }: Call<'create-image'>,
): Promise<ImageRecord> {
  const name = canonical(reference)
  const configBytes = new TextEncoder().encode(JSON.stringify(config))
  parseImageConfig(configBytes, digests.length, name ?? 'the new image')
  const layers = await describeLayers(store, config, digests)
  const manifest = await makeManifest(configBytes, layers)
  const manifestType = MEDIA_TYPES.ociManifest
  return putImage(store, { configBytes, config, layers, manifest, manifestType, name, built })
}

/** Makes an image as `createImage` does, of a given configuration and, if given, manifest, kept byte by byte. */
export async function adoptImage(
  store: ContentStore,
  { config: configDigest, manifest: manifestDigest, layers: digests, reference }: Call<'adopt-image'>,
): Promise<ImageRecord> {
  const name = canonical(reference)
  const what = name ?? 'the loaded image'
  const configBytes = await store.blobs.readAll(parseDigest(configDigest))
  const config = parseImageConfig(configBytes, digests.length, what)
  const layers = await describeLayers(store, config, digests)
  const stored = manifestDigest === undefined ? undefined : parseDigest(manifestDigest)
  const manifest =
    stored === undefined ? await makeManifest(configBytes, layers) : await store.blobs.readAll(stored)
  const manifestType = stored === undefined ? MEDIA_TYPES.ociManifest : typeOf(manifest)
  if (stored !== undefined) checkManifest(manifest, manifestType, configDigest, digests, what)
  const record = await putImage(store, { configBytes, config, layers, manifest, manifestType, name })
  await store.transaction(async (leases) => {
    for (const digest of [configDigest, manifestDigest]) if (digest) await leases.remove(`ingest-${digest}`)
  })
  return record
}

/** The manifest's media type, which OCI lets it leave out. `parseManifest` refuses what is not JSON. */
function typeOf(manifest: Uint8Array): string {
  const named = /"mediaType"\s*:\s*"([^"]*)"/
  const ofDockers = new TextDecoder().decode(manifest).match(named)?.[1] === MEDIA_TYPES.dockerManifest
  return ofDockers ? MEDIA_TYPES.dockerManifest : MEDIA_TYPES.ociManifest
}

function checkManifest(
  bytes: Uint8Array,
  type: string,
  config: Digest,
  layers: readonly Digest[],
  what: string,
): void {
  const document = parseManifest(bytes, type, what)
  const fits =
    document.kind === 'manifest' &&
    document.config.digest === config &&
    document.layers.length === layers.length &&
    document.layers.every(({ digest }, index) => digest === layers[index])
  if (!fits)
    throw new EngineError(
      'corrupt',
      `the manifest of ${what} describes another configuration or other layers`,
    )
}

function describeLayers(
  store: ContentStore,
  { rootfs }: OciImageConfig,
  digests: readonly Digest[],
): Promise<ImageLayer[]> {
  return Promise.all(
    digests.map((digest, index) =>
      describeLayer(store, parseDigest(digest), parseDigest(rootfs.diff_ids[index])),
    ),
  )
}

async function makeManifest(config: Uint8Array, layers: readonly ImageLayer[]): Promise<Uint8Array> {
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: await digestOf(config), size: config.length },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  }
  return new TextEncoder().encode(JSON.stringify(document))
}

async function putImage(store: ContentStore, image: NewImage): Promise<ImageRecord> {
  const { config, layers, name, built } = image
  await inheritDirectories(store.layers, config.rootfs.diff_ids)
  return store.transaction(async (leases) => {
    const { digest: id } = await put(store, MEDIA_TYPES.ociConfig, image.configBytes)
    const { digest: manifestDigest } = await put(store, image.manifestType, image.manifest)
    await store.images.put({ id, manifestDigest, config, layers, ...(built && { built }) }, name)
    // The image keeps its layers from here on.
    for (const { digest, diffId } of layers) {
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

/**
 * The descriptor of a layer as transferred: of the blob, of a layer of a stored image, or of the uncompressed tar
 * itself.
 */
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
