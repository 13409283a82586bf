/** Images of the site's own: found, copied into the cache, and checked byte by byte. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Digest, OciImageConfig, Platform } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { parseReference } from '../../../guest/vocabulary/image-reference.ts'
import { parseJsonObject } from '../../../guest/vocabulary/json.ts'
import { formatPlatform, runsOn } from '../../../guest/vocabulary/platform.ts'
import type { Descriptor } from '../../../web/src/content/blob-store.ts'
import {
  MACHINE_PLATFORM,
  MEDIA_TYPES,
  layerCompression,
  parseImageConfig,
  parseManifest,
  parsePlatform,
  type IndexDocument,
  type ManifestDocument,
} from '../../../web/src/content/manifest.ts'
import { cached } from '../cache.ts'
import { sha256, sha256File } from '../hash.ts'
import { type ImageOrigin, formatOrigin, parseOrigin } from './image-origin.ts'
import type { ListedImage } from './image-list.ts'
import { copyTo, readConfig, readManifest } from './skopeo.ts'

/** Raised when what is made of the same image changes. */
const FORMAT = 1

/** What the cache knows of an image beside its blobs. */
export interface AddedContents {
  manifest: Descriptor
  layers: number
  /** Bytes of its layers as they are sent. */
  size: number
  /** As the image's label says it. */
  licence: string
}

export interface AddedImage extends AddedContents {
  image: ListedImage
  /** A folder with each blob under its hexadecimal digest. */
  blobs: string
}

export const originOf = ({ reference, from }: ListedImage): ImageOrigin =>
  parseOrigin(from, parseReference(reference))

/**
 * The digest by which the image will be known. Rejects with EngineError: `unavailable` when it cannot be read,
 * `not-supported` when it is for other machines.
 */
export async function findDigest(reference: string, origin: ImageOrigin): Promise<Digest> {
  const bytes = await readManifest(origin)
  const document = parseManifest(bytes, mediaTypeOf(bytes, reference), reference)
  const digest = document.kind === 'index' ? chosenIn(document, reference) : digestOf(bytes)
  const config = await readConfig(origin, origin.kind === 'registry' ? digest : undefined)
  requireMachine([parsePlatform(config, reference)], reference)
  return origin.kind === 'registry' ? digest : digestOf(config)
}

/** Copies the image into the cache unless it is there. Rejects as `findDigest`, and with `corrupt`, `conflict`. */
export async function fetchAdded(image: ListedImage): Promise<AddedImage> {
  const dir = await cached('added-image', { FORMAT, digest: image.digest }, async (draft) => {
    const origin = originOf(image)
    const copy = join(draft, 'copy')
    await copyTo(copy, origin, origin.kind === 'registry' ? image.digest : undefined)
    await acceptCopy(copy, image, draft)
    await rm(copy, { recursive: true })
  })
  const contents = JSON.parse(await readFile(join(dir, 'image.json'), 'utf8')) as AddedContents
  return { ...contents, image, blobs: join(dir, 'blobs') }
}

/**
 * Takes over what skopeo's transport `dir` wrote, once every digest in it is right.
 * @param target gets the folder `blobs`, and `image.json` with AddedContents
 */
export async function acceptCopy(copy: string, image: ListedImage, target: string): Promise<void> {
  const { reference } = image
  const bytes = await readFile(join(copy, 'manifest.json'))
  const mediaType = mediaTypeOf(bytes, reference)
  const document = parseManifest(bytes, mediaType, reference)
  if (document.kind === 'index') throw new EngineError('corrupt', `${reference} was copied as an index`)
  const manifest = { mediaType, digest: digestOf(bytes), size: bytes.length }
  requirePinned(image, manifest, document)
  const config = await checkContents(copy, document, reference)
  await mkdir(join(target, 'blobs'))
  // An image may have one layer twice.
  const blobs = new Set([document.config, ...document.layers].map(({ digest }) => hexOf(digest)))
  for (const hex of blobs) await rename(join(copy, hex), join(target, 'blobs', hex))
  await writeFile(join(target, 'blobs', hexOf(manifest.digest)), bytes)
  const size = document.layers.reduce((sum, layer) => sum + layer.size, 0)
  const contents: AddedContents = {
    ...{ manifest, size, layers: document.layers.length },
    licence: config.config?.Labels?.['org.opencontainers.image.licenses'] ?? 'see the image',
  }
  await writeFile(join(target, 'image.json'), JSON.stringify(contents))
}

function requirePinned(image: ListedImage, manifest: Descriptor, { config }: ManifestDocument): void {
  const origin = originOf(image)
  const found = origin.kind === 'registry' ? manifest.digest : config.digest
  if (found === image.digest) return
  const from = image.from === undefined ? '' : ` --from ${image.from}`
  throw new EngineError(
    'conflict',
    `${image.reference} is ${found} in ${formatOrigin(origin)}, and ${image.digest} in images.yaml: \`npm run images -- add ${image.reference}${from}\` takes the new one`,
  )
}

async function checkContents(
  copy: string,
  { config, layers }: ManifestDocument,
  reference: string,
): Promise<OciImageConfig> {
  for (const blob of [config, ...layers]) await checkBlob(copy, blob, reference)
  const bytes = await readFile(join(copy, hexOf(config.digest)))
  requireMachine([parsePlatform(bytes, reference)], reference)
  const document = parseImageConfig(bytes, layers.length, reference)
  for (const [at, layer] of layers.entries()) {
    const diffId = await unpackedDigest(join(copy, hexOf(layer.digest)), compressionOf(layer, reference))
    if (diffId !== document.rootfs.diff_ids[at])
      throw new EngineError(
        'corrupt',
        `${reference}: layer ${layer.digest} unpacks to ${diffId}, not to what its configuration says`,
      )
  }
  return document
}

async function checkBlob(copy: string, { digest, size }: Descriptor, reference: string): Promise<void> {
  const path = join(copy, hexOf(digest))
  const actual = `sha256:${await sha256File(path)}`
  if (actual !== digest || (await stat(path)).size !== size)
    throw new EngineError(
      'corrupt',
      `${reference}: blob ${digest} arrived damaged, with the digest ${actual}`,
    )
}

function compressionOf(layer: Descriptor, reference: string): 'gzip' | 'none' {
  try {
    return layerCompression(layer)
  } catch (error) {
    const { code, message, details } = EngineError.from(error)
    throw new EngineError(code, `${reference}: ${message}`, details, error)
  }
}

async function unpackedDigest(path: string, compression: 'gzip' | 'none'): Promise<Digest> {
  const hash = createHash('sha256')
  if (compression === 'gzip') await pipeline(createReadStream(path), createGunzip(), hash)
  else await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}`
}

function chosenIn({ manifests }: IndexDocument, reference: string): Digest {
  const platforms = manifests.flatMap(({ platform }) => platform ?? [])
  const fits = manifests.find(({ platform }) => platform !== undefined && runsOn(platform, MACHINE_PLATFORM))
  if (fits !== undefined) return fits.digest
  throw refusal(platforms, reference)
}

function requireMachine(platforms: Platform[], reference: string): void {
  if (!platforms.some((platform) => platform.os !== '' && runsOn(platform, MACHINE_PLATFORM)))
    throw refusal(platforms, reference)
}

function refusal(platforms: Platform[], reference: string): EngineError {
  const offered = platforms.filter(({ os }) => os !== 'unknown' && os !== '').map(formatPlatform)
  const has = offered.length === 0 ? 'it names no platform' : `it is for ${offered.join(', ')}`
  return new EngineError(
    'not-supported',
    `${reference} has no image for ${formatPlatform(MACHINE_PLATFORM)}, which alone runs here: ${has}`,
    { offered },
  )
}

/** A registry says it in a header that skopeo does not show; OCI documents may leave it out. */
function mediaTypeOf(bytes: Uint8Array, reference: string): string {
  const document = parseJsonObject(new TextDecoder().decode(bytes), `the manifest of ${reference}`)
  const { mediaType } = document
  if (typeof mediaType === 'string') return mediaType
  return 'manifests' in document ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest
}

const digestOf = (bytes: Uint8Array): Digest => `sha256:${sha256(bytes)}`
const hexOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1)
