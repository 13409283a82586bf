/**
 * Image manifests and indexes, OCI's and Docker's schema 2:
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md, …/image-index.md,
 * https://distribution.github.io/distribution/spec/manifest-v2-2/
 */
import type { OciImageConfig, Platform } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { formatPlatform, normalizePlatform, runsOn } from '../../../guest/vocabulary/platform.ts'
import type { Descriptor } from './blob-store.ts'
import { parseDigest } from '../storage/digest.ts'

export const MEDIA_TYPES = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
} as const

export const MANIFEST_TYPES = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerList,
  MEDIA_TYPES.dockerManifest,
] as const

/** The one platform that the machine runs. */
export const MACHINE_PLATFORM: Platform = { os: 'linux', architecture: '386' }

/** Registries refuse larger manifests: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
export const MAX_MANIFEST_SIZE = 4 * 2 ** 20

export interface IndexDocument {
  kind: 'index'
  manifests: (Descriptor & { platform?: Platform; annotations?: Record<string, string> })[]
}

export interface ManifestDocument {
  kind: 'manifest'
  config: Descriptor
  layers: Descriptor[]
}

/**
 * @param mediaType what the registry or the descriptor calls the bytes
 * @throws EngineError `corrupt`, or `not-supported` for formats nobody should use any more
 */
export function parseManifest(
  bytes: Uint8Array,
  mediaType: string,
  what: string,
): IndexDocument | ManifestDocument {
  const document = parseObject(bytes, what)
  // A document that reads as two kinds would have one digest and two meanings (CVE-2021-41190).
  if (document['mediaType'] !== undefined && document['mediaType'] !== mediaType)
    throw new EngineError(
      'corrupt',
      `${what} calls itself ${String(document['mediaType'])} but was served as ${mediaType}`,
    )
  const isIndex = document['manifests'] !== undefined
  const isManifest = document['config'] !== undefined || document['layers'] !== undefined
  if (isIndex && isManifest) throw new EngineError('corrupt', `${what} is both an index and a manifest`)
  if (mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerList)
    return {
      kind: 'index',
      manifests: list(document['manifests'], what).map((entry) => indexEntry(entry, what)),
    }
  if (mediaType === MEDIA_TYPES.ociManifest || mediaType === MEDIA_TYPES.dockerManifest) {
    const layers = list(document['layers'], what).map((layer) => descriptor(layer, what))
    return { kind: 'manifest', config: descriptor(document['config'], what), layers }
  }
  throw new EngineError(
    'not-supported',
    `${what} has the manifest type ${mediaType}, which is not supported; push it again with a current tool`,
  )
}

/**
 * The entry made for the platform, or else one that runs there or does not say what it is for.
 * @throws EngineError `not-found` in Docker's words
 */
export function selectPlatform(index: IndexDocument, wanted: Platform): IndexDocument['manifests'][number] {
  const name = formatPlatform(wanted)
  const fits = index.manifests.filter(({ platform }) => platform === undefined || runsOn(platform, wanted))
  const same = fits.find(({ platform }) => platform && formatPlatform(normalizePlatform(platform)) === name)
  const found = same ?? fits[0]
  if (found !== undefined) return found
  const offered = index.manifests.flatMap(({ platform }) =>
    platform === undefined || platform.os === 'unknown' ? [] : [formatPlatform(platform)],
  )
  throw new EngineError('not-found', `no matching manifest for ${name} in the manifest list entries`, {
    wanted: name,
    offered,
  })
}

/**
 * The platform in an image's configuration; os and architecture are empty when it has none.
 * @throws EngineError `corrupt`
 */
export const parsePlatform = (bytes: Uint8Array, what: string): Platform =>
  platformIn(parseObject(bytes, `the configuration of ${what}`), `the configuration of ${what}`)

function platformIn(object: Record<string, unknown>, what: string): Platform {
  const text = (name: string): string => {
    const value = object[name] ?? ''
    if (typeof value === 'string') return value
    throw new EngineError('corrupt', `${what} has a broken ${name}`)
  }
  const features = object['os.features'] ?? []
  if (!Array.isArray(features) || features.some((feature) => typeof feature !== 'string'))
    throw new EngineError('corrupt', `${what} has broken os.features`)
  return {
    architecture: text('architecture'),
    os: text('os'),
    ...(text('os.version') !== '' && { 'os.version': text('os.version') }),
    ...(features.length > 0 && { 'os.features': features as string[] }),
    ...(text('variant') !== '' && { variant: text('variant') }),
  }
}

/**
 * An image's configuration for any Linux machine: one of another architecture is kept, shown and shared here, and only
 * its programs do not run. What it leaves out is filled in: empty os and architecture, and no layers.
 * @param layers how many the manifest has
 * @throws EngineError `corrupt`, `invalid` for a history of more layers than there are, `not-supported` for what is
 *   not for Linux; moby, image/image.go NewFromJSON and image/store.go Create
 */
export function parseImageConfig(bytes: Uint8Array, layers: number, what: string): OciImageConfig {
  const config = parseObject(bytes, what) as Partial<OciImageConfig>
  const { os, architecture } = parsePlatform(bytes, what)
  if (typeof config.rootfs !== 'object' || config.rootfs === null)
    throw new EngineError('corrupt', 'invalid image JSON, no RootFS key', { image: what })
  const diffIds: unknown = config.rootfs.diff_ids ?? []
  if (!Array.isArray(diffIds) || diffIds.length !== layers)
    throw new EngineError('corrupt', `the configuration of ${what} does not name one diff id per layer`)
  const rootfs = { ...config.rootfs, diff_ids: diffIds.map(parseDigest) }
  const history = list(config.history ?? [], what) as NonNullable<OciImageConfig['history']>
  if (history.filter((entry) => entry?.empty_layer !== true).length > layers)
    throw new EngineError('invalid', 'too many non-empty layers in History section')
  if (os !== '' && os.toLowerCase() !== MACHINE_PLATFORM.os)
    throw new EngineError(
      'not-supported',
      `${what} is for ${os}: images for ${MACHINE_PLATFORM.os} alone are kept here`,
    )
  return { ...config, os, architecture, rootfs }
}

/** @throws EngineError `not-supported` naming the media type */
export function layerCompression({ mediaType, digest }: Descriptor): 'gzip' | 'none' {
  if (mediaType === MEDIA_TYPES.ociLayerGzip || mediaType === MEDIA_TYPES.dockerLayerGzip) return 'gzip'
  if (mediaType === MEDIA_TYPES.ociLayer || mediaType === MEDIA_TYPES.dockerLayer) return 'none'
  const why = mediaType.endsWith('+zstd')
    ? 'is compressed with zstd, which is not supported: push the image again with gzip'
    : `has the media type ${mediaType}, which is not supported`
  throw new EngineError('not-supported', `layer ${digest} ${why}`, { mediaType })
}

function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new EngineError('corrupt', `${what} is not JSON`, {}, error)
  }
  if (!isRecord(value)) throw new EngineError('corrupt', `${what} is not a JSON object`)
  return value
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new EngineError('corrupt', `${what} lacks a list that its type requires`)
  return value
}

function descriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size } = isRecord(value) ? value : {}
  if (typeof mediaType !== 'string' || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new EngineError('corrupt', `${what} has a broken descriptor`)
  return { mediaType, digest: parseDigest(digest), size }
}

function indexEntry(value: unknown, what: string): IndexDocument['manifests'][number] {
  const { platform, annotations } = (value ?? {}) as {
    platform?: Record<string, unknown> | null
    annotations?: Record<string, string>
  }
  const described = platform ? { platform: platformIn(platform, `an entry of ${what}`) } : {}
  return { ...descriptor(value, what), ...described, annotations }
}
