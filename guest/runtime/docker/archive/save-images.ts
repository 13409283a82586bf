/**
 * `GET /images/get`: images as Docker writes them since 25, an OCI image layout with Docker's manifest.json beside it. Blobs are
 * the ones the images came with, so the digests stay what they were.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md; moby, image/tarexport/save.go
 */
import type { Digest, ImageRecord, Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import { formatPlatform, runsOn } from '../../../vocabulary/platform.ts'
import { platformOfImage } from '../image/image-platform.ts'
import {
  type ImageReference,
  familiarReference,
  formatReference,
  parseReference,
} from '../../../vocabulary/image-reference.ts'
import { writeTar, type WrittenTarEntry } from '../../../vocabulary/tar/write-tar.ts'

export interface SavedImage {
  image: ImageRecord
  /** Full references, those asked for. */
  references: string[]
}

interface ImageFinder {
  all(): Promise<ImageRecord[]>
  find(text: string): Promise<ImageRecord>
}

function parsed(name: string): ImageReference | undefined {
  // An id would also do as a repository's tag.
  if (name.startsWith('sha256:')) return undefined
  try {
    return parseReference(name)
  } catch {
    // An id is no reference.
    return undefined
  }
}

/** By tag: that tag. A repository alone: all its tags. An id: no tag. */
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
    // Docker searches for the text as it stands here, without the tag that it would complete elsewhere.
    throw new EngineError('not-found', `No such image: ${name}`, { image: name }, thrown)
  }
}

/** @throws EngineError `not-found` for a name that no image has, `internal` for an image of another platform */
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
  return [...saved.values()]
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

/** One descriptor a name: https://github.com/containerd/containerd/blob/main/images/annotations.go */
function descriptors({ image, references }: SavedImage, manifest: Manifest): unknown[] {
  const { architecture, os } = image.config
  const described = { ...manifest, platform: { architecture, os } }
  if (references.length === 0) return [described]
  return references.map((reference) => ({
    ...described,
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
})

async function readManifest(content: ContentClient, digest: Digest): Promise<[Manifest, Uint8Array]> {
  const { size, bytes } = await content.blob(digest)
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  const document = Buffer.concat(chunks)
  const { mediaType = OCI_MANIFEST } = JSON.parse(document.toString()) as { mediaType?: string }
  return [{ mediaType, digest, size }, document]
}

async function* members(
  content: ContentClient,
  saved: readonly SavedImage[],
): AsyncGenerator<WrittenTarEntry> {
  const written = new Set<Digest>()
  const index: unknown[] = []
  yield { path: 'blobs/', type: 'directory' }
  yield { path: 'blobs/sha256/', type: 'directory' }
  for (const entry of saved) {
    const { image } = entry
    const [manifest, document] = await readManifest(content, image.manifestDigest)
    index.push(...descriptors(entry, manifest))
    if (!written.has(manifest.digest))
      yield { path: blobPath(manifest.digest), size: document.length, content: [document] }
    written.add(manifest.digest)
    for (const digest of [image.id, ...image.layers.map((layer) => layer.digest)]) {
      if (written.has(digest)) continue
      written.add(digest)
      const { size, bytes } = await content.blob(digest)
      yield { path: blobPath(digest), size, content: bytes }
    }
  }
  yield jsonMember('index.json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: index,
  })
  yield jsonMember('manifest.json', saved.map(dockerManifest))
  yield jsonMember('oci-layout', LAYOUT)
}

export function saveImages(content: ContentClient, saved: readonly SavedImage[]): AsyncGenerator<Uint8Array> {
  return writeTar(members(content, saved))
}
