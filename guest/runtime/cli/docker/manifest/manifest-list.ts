/**
 * Assembles a manifest list from its images: docker/cli cli/command/manifest/push.go, distribution
 * manifest/manifestlist.
 */
import { CliError } from '../../shared/cli-error.ts'
import { type ImageReference, parseReference } from '../../../../vocabulary/image-reference.ts'
import { orderedPlatform, type ImageManifest, type ManifestDescriptor } from './image-manifest.ts'
import { jsonText } from './json-text.ts'

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'

export interface ManifestList {
  mediaType: string
  document: string
}

/** The list is of the same kind, Docker's or OCI's, as its first image. */
export function manifestList(descriptors: readonly ManifestDescriptor[]): ManifestList {
  const isOci = descriptors[0]?.mediaType.startsWith('application/vnd.oci.') === true
  const mediaType = isOci ? OCI_INDEX : DOCKER_LIST
  const manifests = descriptors.map(({ mediaType, size, digest, platform }) => ({
    mediaType,
    size,
    digest,
    platform: orderedPlatform(platform),
  }))
  return { mediaType, document: jsonText({ schemaVersion: 2, mediaType, manifests }, 3) }
}

/** @throws CliError with Docker's sentence */
export function requireSameRegistry(target: ImageReference, { ref }: ImageManifest): void {
  const { domain } = parseReference(ref)
  if (domain === target.domain) return
  throw new CliError(
    `cannot use source images from a different registry than the target image: ${domain} != ${target.domain}`,
  )
}
