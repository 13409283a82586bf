/** Serves the content store's calls that reach registries: this page's, the bundled catalogue, remote ones. */
import type {
  ImageRecord,
  ManifestInspect,
  Platform,
  PullProgress,
  PushProgress,
  PushResult,
  RegistryCredentials,
  SearchItem,
} from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { normalizePlatform } from '../../../guest/vocabulary/platform.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import { fetchConfig } from './fetch-config.ts'
import {
  type ImageReference,
  familiarReference,
  familiarRepository,
  parseDockerReference,
} from '../../../guest/vocabulary/image-reference.ts'
import type { ImageSource } from '../catalogue/image-source.ts'
import { MACHINE_PLATFORM, parseManifest, parsePlatform, type ManifestDocument } from '../content/manifest.ts'
import type { OnProgress } from './pull-progress.ts'
import { pushImage } from './pusher.ts'
import type { Named, RegistryContent } from './registry-content.ts'
import { RegistryClient } from './registry-client.ts'
import { LOCAL_REGISTRY } from './registry-origin.ts'

export type OnAnyProgress = (progress: PullProgress | PushProgress) => void

export async function pull(
  content: RegistryContent,
  request: Named & { platform?: Platform },
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<ImageRecord> {
  const reference = parseDockerReference(request.reference)
  const platform = normalizePlatform(request.platform ?? MACHINE_PLATFORM)
  const source = await unlessAborted(chooseSource(content, reference, request.auth), signal)
  try {
    return await content.puller.pull({ reference, source, platform, onProgress, signal })
  } catch (error) {
    throw await unlessAborted(
      withCatalogueHint(content.catalogue, reference, EngineError.from(error)),
      signal,
    )
  }
}

/** Images of the site come first, because they need no network; then the site's mirror of the registry. */
async function chooseSource(
  { catalogue, connect, mirrors }: RegistryContent,
  reference: ImageReference,
  credentials: RegistryCredentials | undefined,
): Promise<ImageSource> {
  const isRemote = reference.domain !== LOCAL_REGISTRY
  const bundled = isRemote && (await catalogue.find(reference)) !== undefined
  if (bundled) return catalogue
  const mirror = await mirrors.originFor(reference.domain)
  // The credentials are for the registry, and its mirror is somebody else.
  const session =
    mirror === undefined
      ? connect(reference.domain, credentials)
      : connect(reference.domain, undefined, mirror)
  return new RegistryClient(session)
}

async function withCatalogueHint(
  catalogue: Catalogue,
  reference: ImageReference,
  error: EngineError,
): Promise<EngineError> {
  if (error.details['cors'] === undefined) return error
  const hint = await otherImages(catalogue, reference)
  return new EngineError(
    error.code,
    `${familiarReference(reference)} can't be pulled: ${error.message}${hint}`,
    error.details,
    error,
  )
}

/** The images of the site that the person may have meant: those of the same repository, or one of each. */
async function otherImages(catalogue: Catalogue, { domain, path }: ImageReference): Promise<string> {
  const parsed = (await catalogue.images()).map((image) => parseDockerReference(image.reference))
  const same = parsed.filter((other) => other.domain === domain && other.path === path)
  if (same.length > 0) return ` This site has ${same.map(familiarReference).join(', ')}.`
  const names = (await catalogue.distinct()).map((image) =>
    familiarReference(parseDockerReference(image.reference)),
  )
  return names.length === 0 ? '' : ` Images that need no registry: ${names.join(', ')}.`
}

export async function push(
  content: RegistryContent,
  request: Named,
  onProgress: (progress: PushProgress) => void,
  signal?: AbortSignal,
): Promise<PushResult> {
  const reference = parseDockerReference(request.reference)
  const session = content.connect(reference.domain, request.auth)
  return pushImage({ content, reference, session, onProgress, wait: seconds, signal })
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000))
}

export async function logIn(
  { connect }: RegistryContent,
  { domain, auth }: { domain: string; auth: RegistryCredentials },
  signal?: AbortSignal,
): Promise<{ identityToken?: string }> {
  const identityToken = await connect(domain, auth).logIn(signal)
  return identityToken === undefined ? {} : { identityToken }
}

/** Rejects like a pull. */
export async function inspectManifest(
  content: RegistryContent,
  request: Named,
  signal?: AbortSignal,
): Promise<ManifestInspect> {
  const reference = parseDockerReference(request.reference)
  const source = await unlessAborted(chooseSource(content, reference, request.auth), signal)
  const { bytes, mediaType, digest, size } = await source.manifest(reference, signal)
  const document = parseManifest(bytes, mediaType, familiarReference(reference))
  const platforms =
    document.kind === 'index'
      ? document.manifests.flatMap(({ platform }) => platform ?? [])
      : await platformsOf(source, reference, document, signal)
  return { descriptor: { mediaType, digest, size }, platforms, document: new TextDecoder().decode(bytes) }
}

/** The platform of one image; none when its configuration names none (moby daemon/server/router/distribution). */
async function platformsOf(
  source: ImageSource,
  reference: ImageReference,
  { config }: ManifestDocument,
  signal: AbortSignal | undefined,
): Promise<Platform[]> {
  const bytes = await fetchConfig(source, reference, config, signal)
  const platform = parsePlatform(bytes, familiarReference(reference))
  return platform.os === '' && platform.architecture === '' ? [] : [platform]
}

export async function listCatalogue({
  catalogue,
}: RegistryContent): Promise<{ reference: string; size: number }[]> {
  const images = await catalogue.distinct()
  return Promise.all(
    images.map(async (image) => {
      const { layers } = await catalogue.describe(image)
      return { reference: image.reference, size: layers.reduce((sum, layer) => sum + layer.size, 0) }
    }),
  )
}

export async function search(
  { catalogue, store }: RegistryContent,
  { domain, term }: { domain: string; term: string },
): Promise<SearchItem[]> {
  const wanted = (name: string): boolean => name.includes(term.toLowerCase())
  if (domain === LOCAL_REGISTRY) {
    const names = await store.repositories.repositories()
    return names.filter(wanted).map((name) => ({ name, description: '', official: false }))
  }
  if (domain !== 'docker.io')
    throw new EngineError(
      'not-supported',
      `${domain} can't be searched from a web page: registries have no search that does it; the bundled images and registry.local can be`,
    )
  const images = await catalogue.images()
  const items = images.map(({ reference, description }) => {
    const parsed = parseDockerReference(reference)
    return { name: familiarRepository(parsed), description, official: parsed.path.startsWith('library/') }
  })
  const first = new Map(items.reverse().map((item) => [item.name, item]))
  return [...first.values()].reverse().filter(({ name }) => wanted(name))
}
