/**
 * Fetches manifests from registries. Docker's client asks the registries itself; ours asks the engine, which reaches
 * them through the page.
 */
import type { ManifestInspect } from '../../../../protocol/api/content.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { ApiError, isNotFound } from '../../shared/api-error.ts'
import {
  type ImageReference,
  formatReference,
  withDefaultTag,
} from '../../../../vocabulary/image-reference.ts'
import { registryAuth } from '../image/registry-auth.ts'
import {
  isDigest,
  isManifestType,
  list,
  object,
  parseObject,
  parsePlatform,
  type ImageManifest,
  type ManifestDescriptor,
} from './image-manifest.ts'

/** A manifest or a list of them, as the registry has it. @throws CliError with Docker's sentence when it has none */
export async function fetchDocument(
  context: CliContext,
  reference: ImageReference,
): Promise<ManifestInspect> {
  const name = encodeURIComponent(formatReference(withDefaultTag(reference)))
  const auth = await registryAuth(context, reference.domain)
  try {
    return await context.api.json('GET', `/porthole/manifests/${name}`, auth)
  } catch (error) {
    if (isNotFound(error))
      throw new CliError(`no such manifest: ${formatReference(withDefaultTag(reference))}`)
    // Docker's client hears the refusal from the registry, so its message has no prefix of the engine.
    throw error instanceof ApiError ? new CliError(error.reason) : error
  }
}

/** One image's manifest. @throws CliError with Docker's sentence for a list */
export async function fetchManifest(context: CliContext, reference: ImageReference): Promise<ImageManifest> {
  return imageManifest(formatReference(withDefaultTag(reference)), await fetchDocument(context, reference))
}

/** @throws CliError when the answer is no image's manifest */
export function imageManifest(
  ref: string,
  { descriptor, platforms, document }: ManifestInspect,
): ImageManifest {
  const { mediaType, digest, size } = descriptor
  if (!isManifestType(mediaType)) throw new CliError(`${ref} is a manifest list`)
  return { ref, descriptor: { mediaType, digest, size, platform: parsePlatform(platforms[0]) }, document }
}

/** The entries of a list. @throws CliError for one without a digest */
export function listedManifests({ document }: ManifestInspect, ref: string): ManifestDescriptor[] {
  return list(parseObject(document, ref)['manifests']).map((entry) => {
    const { mediaType, digest, size, platform } = object(entry)
    if (typeof mediaType !== 'string' || !isDigest(digest) || typeof size !== 'number')
      throw new CliError(`${ref} has a broken entry in its list of manifests`)
    return { mediaType, digest, size, platform: parsePlatform(platform) }
  })
}
