/**
 * `GET /images/get`: images as Docker writes them since 25, an OCI image layout with Docker's manifest.json beside it. Blobs are
 * the ones the images came with, so the digests stay what they were.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md; moby, image/tarexport/save.go
 */
import type { Digest, ImageRecord, Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import { parseJsonObject } from '../../../vocabulary/json.ts'
import { formatPlatform, runsOn } from '../../../vocabulary/platform.ts'
import { platformOfImage } from '../image/image-platform.ts'
import {
  type ImageReference,
  familiarReference,
  familiarRepository,
  formatReference,
  parseReference,
} from '../../../vocabulary/image-reference.ts'
import { writeTar, type WrittenTarEntry } from '../../../vocabulary/tar/write-tar.ts'

export interface SavedImage {
  image: ImageRecord
  /** The full references that were asked for. */
  references: string[]
}

interface ImageFinder {
  all(): Promise<ImageRecord[]>
  find(text: string): Promise<ImageRecord>
}

function parsed(name: string): ImageReference | undefined {
  // An id would also parse as a repository `sha256` with a tag.
  if (name.startsWith('sha256:')) return undefined
  try {
    return parseReference(name)
  } catch (error) {
    // A text that is no reference may still be an id.
    if (EngineError.from(error).code === 'invalid') return undefined
    throw error
  }
}

/**
 * The images that a name chooses, each with the references to save: a tag chooses itself, a repository alone all its
 * tags, an id none.
 */
async function chosen(images: ImageFinder, name: string): Promise<[ImageRecord, string[]][]> {
  const reference = parsed(name)
  if (reference?.tag !== undefined && reference.digest === undefined) {
    const full = formatReference(reference)
    const image = (await images.all()).find(({ references }) => references.includes(full))
    if (image) return [[image, [full]]]
    throw new EngineError('not-found', 'reference does not exist', { reference: name })
  }
  if (reference !== undefined && reference.digest === undefined) {
    const prefix = `${formatReference(reference)}:`
    const tagged = (await images.all()).flatMap((image): [ImageRecord, string[]][] => {
      const own = image.references.filter((other) => other.startsWith(prefix))
      return own.length > 0 ? [[image, own]] : []
    })
    if (tagged.length > 0) return tagged
  }
  try {
    return [[await images.find(name), []]]
  } catch (thrown) {
    if (!(thrown instanceof EngineError && thrown.code === 'not-found')) throw thrown
    // Docker's sentence names the text as it stands, without the tag that it would complete elsewhere.
    throw new EngineError('not-found', `No such image: ${name}`, { image: name }, thrown)
  }
}

/**
 * The images to save, each once.
 * @throws EngineError `not-found` for a name that no image has, `internal` for an image of another platform or without
 * layers
 */
export async function imagesToSave(
  images: ImageFinder,
  names: readonly string[],
  platform?: Platform,
): Promise<SavedImage[]> {
  const saved = new Map<Digest, SavedImage>()
  for (const name of names) {
    for (const [image, references] of await chosen(images, name)) {
      if (platform && !runsOn(platformOfImage(image), platform))
        throw new EngineError(
          'internal',
          `no suitable export target found for platform ${formatPlatform(platform)}`,
          { image: image.id },
        )
      const entry = saved.get(image.id) ?? { image, references: [] }
      for (const reference of references)
        if (!entry.references.includes(reference)) entry.references.push(reference)
      saved.set(image.id, entry)
    }
  }
  checkNotEmpty([...saved.values()])
  return [...saved.values()]
}

/** Refuses an image without layers, as Docker does (moby, image/tarexport/save.go, saveImage). */
function checkNotEmpty(saved: readonly SavedImage[]): void {
  if (saved.some(({ image }) => image.layers.length === 0))
    throw new EngineError('internal', 'empty export - not implemented')
}

const blobPath = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`
const encoder = new TextEncoder()

function jsonMember(name: string, value: unknown): WrittenTarEntry {
  const bytes = encoder.encode(JSON.stringify(value))
  return { path: name, size: bytes.length, content: [bytes] }
}

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

async function readManifest(content: ContentClient, digest: Digest): Promise<[Manifest, Uint8Array]> {
  const { size, bytes } = await content.blob(digest)
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  const document = Buffer.concat(chunks)
  const { mediaType } = parseJsonObject(document.toString(), `the manifest ${digest}`)
  return [{ mediaType: typeof mediaType === 'string' ? mediaType : OCI_MANIFEST, digest, size }, document]
}

/** The time when the image was made, in seconds; 0 for a time before 1970 and for one that nobody can read. */
function createdSeconds({ config }: ImageRecord): number {
  const seconds = Math.floor(Date.parse(config.created ?? '') / 1000)
  return seconds > 0 ? seconds : 0
}

/**
 * Members with the times that Docker gives them: configuration and layers are as old as their image; all else dates
 * from 1970, so that two archives of an image are equal.
 */
async function* blobMembers(
  content: ContentClient,
  image: ImageRecord,
  written: Set<Digest>,
): AsyncGenerator<WrittenTarEntry> {
  const mtime = createdSeconds(image)
  for (const digest of [image.id, ...image.layers.map((layer) => layer.digest)]) {
    if (written.has(digest)) continue
    written.add(digest)
    const { size, bytes } = await content.blob(digest)
    yield { path: blobPath(digest), size, mtime, content: bytes }
  }
}

async function* members(
  content: ContentClient,
  saved: readonly SavedImage[],
): AsyncGenerator<WrittenTarEntry> {
  const written = new Set<Digest>()
  const index: unknown[] = []
  const last = saved.at(-1)
  yield { path: 'blobs/', type: 'directory', mtime: last ? createdSeconds(last.image) : 0 }
  yield { path: 'blobs/sha256/', type: 'directory' }
  for (const entry of saved) {
    const [manifest, document] = await readManifest(content, entry.image.manifestDigest)
    index.push(...descriptors(entry, manifest))
    if (!written.has(manifest.digest))
      yield { path: blobPath(manifest.digest), size: document.length, content: [document] }
    written.add(manifest.digest)
    yield* blobMembers(content, entry.image, written)
  }
  yield jsonMember('index.json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: index,
  })
  yield jsonMember('manifest.json', saved.map(dockerManifest))
  yield jsonMember('oci-layout', LAYOUT)
  const repositories = legacyRepositories(saved)
  if (Object.keys(repositories).length > 0) yield jsonMember('repositories', repositories)
}

export function saveImages(content: ContentClient, saved: readonly SavedImage[]): AsyncGenerator<Uint8Array> {
  return writeTar(members(content, saved))
}
