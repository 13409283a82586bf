/**
 * `GET /images/get`: images as Docker writes them since 25, an OCI image layout with Docker's manifest.json beside it. Blobs are
 * the ones the images came with, so the digests stay what they were.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md; moby, image/tarexport/save.go
 */
import type { Digest, ImageRecord } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import type { LauncherClient } from '../../host/launcher/launcher-api.ts'
import { ERRNO } from '../../plan/errno.ts'
import type { Step } from '../../plan/plan.ts'
import { parseJsonObject } from '../../../vocabulary/json.ts'
import { familiarReference, familiarRepository, parseReference } from '../../../vocabulary/image-reference.ts'
import { ArchivePlan } from './archive-plan.ts'
import type { SavedImage } from './images-to-save.ts'
import { parsePathStat } from './path-stat.ts'

const blobPath = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`

export interface SaveDeps {
  content: Pick<ContentClient, 'blob'>
  launcher: Pick<LauncherClient, 'ask' | 'stream'>
  /** Where the page shows its blobs as files, by digest. */
  blobs: string
}

const encoder = new TextEncoder()

const LAYOUT = { imageLayoutVersion: '1.0.0' }
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

interface Manifest {
  mediaType: string
  digest: Digest
  size: number
}

/** One descriptor for each name: https://github.com/containerd/containerd/blob/main/images/annotations.go */
function descriptors({ references }: SavedImage, manifest: Manifest): unknown[] {
  if (references.length === 0) return [manifest]
  return references.map((reference) => ({
    ...manifest,
    annotations: {
      'io.containerd.image.name': reference,
      'org.opencontainers.image.ref.name': parseReference(reference).tag ?? '',
    },
  }))
}

const dockerManifest = ({ image, references }: SavedImage) => ({
  Config: blobPath(image.id),
  RepoTags: references.length > 0 ? references.map((text) => familiarReference(parseReference(text))) : null,
  Layers: image.layers.map(({ digest }) => blobPath(digest)),
  LayerSources: Object.fromEntries(
    image.layers.map(({ diffId, mediaType, size, digest }) => [diffId, { mediaType, size, digest }]),
  ),
})

/** The file `repositories`, for Docker before 1.10: the last layer of each tag, by repository. */
function legacyRepositories(saved: readonly SavedImage[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {}
  for (const { image, references } of saved)
    for (const reference of references.map(parseReference)) {
      const tags = (repositories[familiarRepository(reference)] ??= {})
      tags[reference.tag ?? ''] = image.layers.at(-1)!.digest.slice('sha256:'.length)
    }
  return repositories
}

async function readManifest(
  { content }: SaveDeps,
  digest: Digest,
): Promise<{ manifest: Manifest; document: Uint8Array }> {
  const { size, bytes } = await content.blob(digest)
  const document = await collect(bytes)
  const { mediaType } = parseJsonObject(document.toString(), `the manifest ${digest}`)
  const type = typeof mediaType === 'string' ? mediaType : OCI_MANIFEST
  return { manifest: { mediaType: type, digest, size }, document }
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The time when the image was made, in seconds; 0 for a time before 1970 and for one that nobody can read. */
function createdSeconds({ config }: ImageRecord): number {
  const seconds = Math.floor(Date.parse(config.created ?? '') / 1000)
  return seconds > 0 ? seconds : 0
}

/** Blobs of an image that are in the archive as they are: configuration, then layers. */
const blobsOf = (image: ImageRecord): Digest[] => [image.id, ...image.layers.map(({ digest }) => digest)]

/** @throws EngineError `not-found` */
async function sizesOf(
  { launcher, blobs }: SaveDeps,
  digests: readonly Digest[],
): Promise<Map<Digest, number>> {
  const paths = digests.map((digest) => `${blobs}/${digest}`)
  const steps = paths.map((path): Step => ({ op: 'path-stat', path }))
  const reports = await launcher.ask({ steps }).catch((thrown: unknown) => {
    const error = EngineError.from(thrown)
    const { step, errno } = error.details
    const missing = errno === ERRNO.ENOENT[0] ? digests[Number(step)] : undefined
    if (missing === undefined) throw error
    throw new EngineError('not-found', `blob ${missing} is not in the store`, { digest: missing }, error)
  })
  return new Map(digests.map((digest, step) => [digest, parsePathStat(paths[step]!, [reports[step]!]).size]))
}

/**
 * Configuration and layers are as old as their image; all else dates from 1970, so that two archives of an image are
 * equal: the times that Docker gives.
 */
async function archiveOf(deps: SaveDeps, saved: readonly SavedImage[]): Promise<ArchivePlan> {
  const archive = new ArchivePlan()
  const sizes = await sizesOf(deps, [...new Set(saved.flatMap(({ image }) => blobsOf(image)))])
  const written = new Set<Digest>()
  const index: unknown[] = []
  const last = saved.at(-1)
  archive.add({ path: 'blobs/', type: 'directory', mtime: last ? createdSeconds(last.image) : 0 })
  archive.add({ path: 'blobs/sha256/', type: 'directory' })
  for (const entry of saved) {
    const { manifest, document } = await readManifest(deps, entry.image.manifestDigest)
    index.push(...descriptors(entry, manifest))
    if (!written.has(manifest.digest)) archive.add({ path: blobPath(manifest.digest) }, document)
    written.add(manifest.digest)
    const mtime = createdSeconds(entry.image)
    for (const digest of blobsOf(entry.image)) {
      if (written.has(digest)) continue
      written.add(digest)
      const member = { path: blobPath(digest), size: sizes.get(digest)!, mtime }
      archive.addFile(member, `${deps.blobs}/${digest}`)
    }
  }
  addDocuments(archive, saved, index)
  return archive
}

function addDocuments(archive: ArchivePlan, saved: readonly SavedImage[], manifests: unknown[]): void {
  const addJson = (path: string, value: unknown): void =>
    archive.add({ path }, encoder.encode(JSON.stringify(value)))
  addJson('index.json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests,
  })
  addJson('manifest.json', saved.map(dockerManifest))
  addJson('oci-layout', LAYOUT)
  const repositories = legacyRepositories(saved)
  if (Object.keys(repositories).length > 0) addJson('repositories', repositories)
}

/** The launcher writes the archive: the blobs do not pass the engine. */
export async function saveImages(
  deps: SaveDeps,
  saved: readonly SavedImage[],
): Promise<AsyncIterable<Uint8Array>> {
  const archive = await archiveOf(deps, saved)
  return (await deps.launcher.stream({ steps: archive.finish() })).output
}
