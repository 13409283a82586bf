/** The images that an archive's documents describe. Pure: every document is as hostile as the archive. */
import type { Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { OWN_PLATFORM, runsOn } from '../../../vocabulary/platform.ts'
import type { LoadedBlobs, LoadedLayer } from './loaded-blobs.ts'

export interface DescribedImage {
  /** What messages call the image. */
  what: string
  config: Uint8Array
  /** The layout's manifest, which is kept byte for byte. */
  manifest?: Uint8Array
  manifestType?: string
  layers: LoadedLayer[]
  /** References as the archive has them. */
  references: string[]
}

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const INDEX_DEPTH = 4

const invalid = (message: string): EngineError => new EngineError('invalid', message)

function parse(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (thrown) {
    throw new EngineError('invalid', `${what} of the archive is not JSON`, {}, thrown)
  }
}

type Json = Record<string, unknown>

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${what} of the archive is no JSON object`)
  return value as Json
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(`${what} of the archive lacks a list that it should have`)
  return value
}

function strings(value: unknown, what: string): string[] {
  const values = value === null || value === undefined ? [] : list(value, what)
  if (values.some((entry) => typeof entry !== 'string')) throw invalid(`${what} of the archive is damaged`)
  return values as string[]
}

interface Manifest {
  bytes: Uint8Array
  type: string
  config: string
  layers: string[]
  annotations: Json
}

function digestOf(value: unknown, what: string): string {
  const { digest } = object(value, what)
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw invalid(`${what} of the archive has no sha256 digest`)
  return digest
}

/**
 * The manifests below a descriptor; none when the archive lacks the blob, because an archive of one platform may well
 * name the others.
 */
function manifestsOf(blobs: LoadedBlobs, value: unknown, annotations: Json, depth: number): Manifest[] {
  const descriptor = object(value, 'index.json')
  const bytes = blobs.blob(digestOf(descriptor, 'index.json'))
  if (bytes === undefined) return []
  const document = object(parse(bytes, 'a manifest'), 'a manifest')
  const own = { ...annotations, ...(descriptor['annotations'] as Json | undefined) }
  const type = String(document['mediaType'] ?? descriptor['mediaType'] ?? '')
  if (type === OCI_INDEX || type === DOCKER_LIST) {
    if (depth === 0) throw invalid('the archive has indexes of indexes of indexes')
    return list(document['manifests'], 'an index').flatMap((entry) =>
      manifestsOf(blobs, entry, own, depth - 1),
    )
  }
  const config = digestOf(document['config'], 'a manifest')
  const layers = list(document['layers'], 'a manifest').map((layer) => digestOf(layer, 'a manifest'))
  return [{ bytes, type, config, layers, annotations: own }]
}

function layoutManifests(blobs: LoadedBlobs): Manifest[] {
  const index = blobs.document('index.json')
  if (index === undefined) return []
  const { manifests } = object(parse(index, 'index.json'), 'index.json')
  return list(manifests, 'index.json').flatMap((entry) => manifestsOf(blobs, entry, {}, INDEX_DEPTH))
}

/** The image's full name, which containerd writes, or else the layout's reference, when it is more than a tag. */
function referenceOf({ annotations }: Manifest): string[] {
  const full = annotations['io.containerd.image.name']
  if (typeof full === 'string') return [full]
  const reference = annotations['org.opencontainers.image.ref.name']
  return typeof reference === 'string' && /[:/]/.test(reference) ? [reference] : []
}

function requiredLayer(layer: LoadedLayer | undefined, name: string): LoadedLayer {
  if (layer === undefined) throw invalid(`layer ${name} is missing in the archive`)
  return layer
}

/**
 * The platform of an image. undefined for a manifest whose configuration is not in the archive or is no image's, such
 * as an attestation's.
 */
function platformIn(blobs: LoadedBlobs, { config: digest }: Manifest): Platform | undefined {
  const bytes = blobs.blob(digest)
  if (bytes === undefined) return undefined
  const config = object(parse(bytes, 'a configuration'), 'a configuration')
  if (config['rootfs'] === undefined) return undefined
  const text = (name: string) => (typeof config[name] === 'string' ? config[name] : '')
  return { os: text('os'), architecture: text('architecture'), variant: text('variant') || undefined }
}

/** The images of the layout that run on this machine; when there is none, the images of all platforms. */
function wantedManifests(blobs: LoadedBlobs): Manifest[] {
  const images = layoutManifests(blobs).flatMap((manifest) => {
    const platform = platformIn(blobs, manifest)
    return platform === undefined ? [] : [{ manifest, own: runsOn(platform, OWN_PLATFORM) }]
  })
  const own = images.filter((image) => image.own)
  return (own.length > 0 ? own : images).map(({ manifest }) => manifest)
}

/** The layout's images, each with all its names: an index may list one manifest under several. */
function ofLayout(blobs: LoadedBlobs): DescribedImage[] {
  const images = new Map<string, DescribedImage>()
  for (const manifest of wantedManifests(blobs)) {
    const known = images.get(manifest.config)
    if (known) {
      known.references.push(...referenceOf(manifest))
      continue
    }
    images.set(manifest.config, {
      what: referenceOf(manifest)[0] ?? manifest.config,
      config: blobs.blob(manifest.config)!,
      manifest: manifest.bytes,
      manifestType: manifest.type,
      layers: manifest.layers.map((digest) => requiredLayer(blobs.blobLayer(digest), digest)),
      references: referenceOf(manifest),
    })
  }
  return [...images.values()]
}

function ofDocker(blobs: LoadedBlobs, manifest: Uint8Array): DescribedImage[] {
  const layout = layoutManifests(blobs)
  return list(parse(manifest, 'manifest.json'), 'manifest.json').map((value) => {
    const { Config, RepoTags, Layers } = object(value, 'manifest.json')
    const name = String(Config)
    const config = blobs.document(name)
    if (config === undefined) throw invalid(`the configuration ${name} is missing in the archive`)
    const layers = strings(Layers, 'manifest.json').map((path) => requiredLayer(blobs.layer(path), path))
    const references = strings(RepoTags, 'manifest.json')
    const own = layout.find(
      (entry) =>
        blobs.blob(entry.config) === config &&
        entry.layers.length === layers.length &&
        entry.layers.every((digest, index) => digest === layers[index]!.digest),
    )
    const kept = own && { manifest: own.bytes, manifestType: own.type }
    return { what: references[0] ?? name, config, ...kept, layers, references }
  })
}

/**
 * The images that the archive describes.
 * @throws EngineError `invalid` for a file that is no archive of images
 */
export function describedImages(blobs: LoadedBlobs): DescribedImage[] {
  const manifest = blobs.document('manifest.json')
  if (manifest !== undefined) return ofDocker(blobs, manifest)
  if (blobs.document('index.json') === undefined)
    throw invalid('invalid archive: does not contain a manifest.json')
  const images = ofLayout(blobs)
  if (images.length === 0) throw invalid('the archive has no image')
  return images
}
