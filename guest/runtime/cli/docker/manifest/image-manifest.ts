/** One image's manifest as Docker's client keeps and prints it: docker/cli cli/manifest/types/types.go. */
import { createHash } from 'node:crypto'
import type { Digest, Platform } from '../../../../protocol/api/content.ts'
import { isRecord } from '../../../../protocol/wire/is-record.ts'
import { CliError } from '../../shared/cli-error.ts'
import { isDigest as isDigestText } from '../../../../vocabulary/digest.ts'
import { parseReference } from '../../../../vocabulary/image-reference.ts'

export interface ImageManifest {
  /** The full reference: `registry.local/ann/app:v1`. */
  ref: string
  descriptor: ManifestDescriptor
  /** The text that the registry sent. */
  document: string
}

export interface ManifestDescriptor {
  mediaType: string
  digest: Digest
  size: number
  platform: Platform
}

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

export const isManifestType = (mediaType: string): boolean =>
  mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST

/** The digests of the manifest's blobs, the configuration first. @throws CliError when the document is no manifest */
export function blobsOf({ ref, document }: ImageManifest): string[] {
  const { config, layers } = parseObject(document, ref)
  const digests = [config, ...list(layers)].map((blob) => object(blob)['digest'])
  if (digests.every(isDigest)) return digests
  throw new CliError(`${ref} is not a manifest`)
}

/** @throws CliError with Docker's sentence when the document does not match the descriptor */
export function verifyDocument({ ref, descriptor: { digest }, document }: ImageManifest): void {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  const actual = `${algorithm}:${createHash(algorithm).update(document).digest('hex')}`
  if (actual !== digest)
    throw new CliError(`internal digest mismatch for ${ref}: expected ${digest}, got ${actual}`)
}

/** Writes the fields in the order of Docker's structs. */
export function manifestJson({ ref, descriptor, document }: ImageManifest): Record<string, unknown> {
  const { mediaType, digest, size, platform } = descriptor
  return {
    Ref: ref,
    Descriptor: { mediaType, digest, size, platform: orderedPlatform(platform) },
    Raw: Buffer.from(document).toString('base64'),
    [mediaType === OCI_MANIFEST ? 'OCIManifest' : 'SchemaV2Manifest']: JSON.parse(document) as unknown,
  }
}

export function orderedPlatform(platform: Platform): Platform {
  const { architecture, os, 'os.version': version, 'os.features': features = [], variant } = platform
  return {
    architecture,
    os,
    ...(version && { 'os.version': version }),
    ...(features.length > 0 && { 'os.features': features }),
    ...(variant && { variant }),
  }
}

/** @throws CliError for text that `manifestJson` did not write */
export function parseManifestFile(text: string, path: string): ImageManifest {
  const { Ref, Descriptor, Raw } = parseObject(text, path)
  const { mediaType, digest, size, platform } = object(Descriptor)
  const isDescriptor = typeof mediaType === 'string' && isManifestType(mediaType) && isDigest(digest)
  if (!isDescriptor || !Number.isSafeInteger(size) || typeof Ref !== 'string' || typeof Raw !== 'string')
    throw new CliError(`invalid manifest file ${path}`)
  parseReference(Ref)
  const document = Buffer.from(Raw, 'base64').toString()
  parseObject(document, path)
  const descriptor = { mediaType, digest, size: size as number, platform: parsePlatform(platform) }
  return { ref: Ref, descriptor, document }
}

/** Parses the platform in a registry's answer or a file; leaves out what isn't text or a list of text. */
export function parsePlatform(value: unknown): Platform {
  const fields = object(value)
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')
  const features = list(fields['os.features']).filter((feature) => typeof feature === 'string')
  return orderedPlatform({
    architecture: text('architecture'),
    os: text('os'),
    'os.version': text('os.version'),
    'os.features': features,
    variant: text('variant'),
  })
}

export const isDigest = (value: unknown): value is Digest => typeof value === 'string' && isDigestText(value)

/** Takes a value that isn't an object for one without fields. */
export const object = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** @throws CliError naming `what` when the text isn't a JSON object */
export function parseObject(text: string, what: string): Record<string, unknown> {
  try {
    return object(JSON.parse(text))
  } catch (error) {
    throw new CliError(`${what}: ${(error as Error).message}`)
  }
}
