/**
 * `POST /images/load`: images out of an archive, Docker's (manifest.json; every age of it) or an OCI image layout (index.json).
 * The archive is read once as it comes; a layer goes straight to the content store, which unpacks and verifies it.
 * Sources: moby, image/tarexport/load.go; https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import type { Digest, ImageRecord, Platform } from '../../../protocol/api/content.ts'
import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { isRecord } from '../../../protocol/wire/is-record.ts'
import { quote } from '../../../vocabulary/go-quote.ts'
import { OWN_PLATFORM, runsOn } from '../../../vocabulary/platform.ts'
import { tarOf } from '../../host/files/archive-bytes.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import { progressStream } from '../image/progress-stream.ts'
import {
  familiarReference,
  formatReference,
  parseReference,
  withDefaultTag,
} from '../../../vocabulary/image-reference.ts'
import type { EventSink } from '../events/event-bus.ts'
import { describedImages, type DescribedImage } from './described-images.ts'
import { LoadedBlobs, type LoadedLayer } from './loaded-blobs.ts'
import { imageMembers } from './image-members.ts'

export interface LoadDeps {
  content: ContentClient
  images: { all(): Promise<ImageRecord[]>; invalidate(): void }
  publish: EventSink
}

const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json'
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The value, or an empty text for a value of another type, which the content store would refuse. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Checks the parts of a configuration that decide whether the image may be loaded, as moby's load does. */
function checkedConfig({ config, what }: DescribedImage, layers: readonly LoadedLayer[]): Platform {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder().decode(config))
  } catch (thrown) {
    throw new EngineError('invalid', `the configuration of ${what} is not JSON`, {}, thrown)
  }
  const { rootfs, ...others } = isRecord(parsed) ? parsed : {}
  const [os, architecture, variant] = [textOf(others.os), textOf(others.architecture), textOf(others.variant)]
  if (!isRecord(rootfs)) throw new EngineError('invalid', 'invalid image JSON, no RootFS key')
  if (os && os.toLowerCase() !== OWN_PLATFORM.os)
    throw new EngineError('invalid', `cannot load ${os} image on ${OWN_PLATFORM.os}`)
  // An image that was built from nothing, without files, need not name any layers.
  const diffIds: unknown = rootfs.diff_ids ?? []
  if (!Array.isArray(diffIds) || diffIds.length !== layers.length)
    throw new EngineError(
      'invalid',
      `invalid manifest, layers length mismatch: expected ${layers.length}, got ${Array.isArray(diffIds) ? diffIds.length : 0}`,
    )
  // A blob that unpacks to other files than the image names must not pass under the image's digest.
  layers.forEach(({ diffId }, index) => {
    if (diffId !== diffIds[index])
      throw new EngineError(
        'corrupt',
        `invalid diffID for layer ${index}: expected ${quote(String(diffIds[index]))}, got ${quote(diffId)}`,
      )
  })
  return { os: os || OWN_PLATFORM.os, architecture, ...(variant && { variant }) }
}

async function adopt(content: ContentClient, described: DescribedImage): Promise<ImageRecord> {
  const layers = described.layers
  const config = await content.ingest(CONFIG_TYPE, once(described.config))
  const manifest =
    described.manifest &&
    (await content.ingest(described.manifestType ?? MANIFEST_TYPE, once(described.manifest)))
  const [first, ...others] = described.references.map((text) =>
    formatReference(withDefaultTag(parseReference(text))),
  )
  const image = await content.adoptImage({
    config: config.digest,
    ...(manifest && { manifest: manifest.digest }),
    layers: layers.map(({ digest }) => digest),
    ...(first !== undefined && { reference: first }),
  })
  for (const reference of others) await content.tag(image.id, reference)
  return image
}

const shortId = (name: string): string => /([0-9a-f]{12})[0-9a-f]{52}/.exec(name)?.[1] ?? name.slice(0, 12)

function layerLine({ name, current, total }: { name: string; current: number; total: number }): JsonProgress {
  return { status: 'Loading layer', progressDetail: { current, total }, id: shortId(name) }
}

export interface LoadOptions {
  /** Leaves out the progress of layers. */
  quiet?: boolean
  /** Images that do not run on this platform are passed over. */
  platform?: Platform | undefined
}

export async function* loadImages(
  { content, images, publish }: LoadDeps,
  archive: AsyncIterable<Uint8Array>,
  { quiet = false, platform: asked }: LoadOptions = {},
): AsyncGenerator<JsonProgress> {
  type Layer = Parameters<typeof layerLine>[0]
  const known = await images.all()
  const read = async (report: (layer: Layer) => void): Promise<LoadedBlobs> => {
    const blobs = new LoadedBlobs(content, known, (name, current, total) => {
      if (!quiet) report({ name, current, total })
    })
    for await (const member of imageMembers(tarOf(archive))) await blobs.take(member)
    return blobs
  }
  const blobs = yield* progressStream(read, layerLine)
  for (const described of describedImages(blobs)) {
    const platform = checkedConfig(described, described.layers)
    if (asked && !runsOn(platform, asked)) continue
    const before = await images.all()
    const image = await adopt(content, described)
    images.invalidate()
    publish('image', 'load', image.id, { name: image.id })
    yield* loadedLines(image.id, described.references, before)
  }
}

/** @param before the images as they were before the loaded one took its names */
function* loadedLines(
  id: Digest,
  references: readonly string[],
  before: readonly ImageRecord[],
): Generator<JsonProgress> {
  for (const text of references) {
    const reference = withDefaultTag(parseReference(text))
    const full = formatReference(reference)
    const name = familiarReference(reference)
    const old = before.find((image) => image.references.includes(full))
    if (old !== undefined && old.id !== id)
      yield {
        stream: `The image ${name} already exists, renaming the old one with ID ${old.id} to empty string\n`,
      }
    yield { stream: `Loaded image: ${name}\n` }
  }
  if (references.length === 0) yield { stream: `Loaded image ID: ${id}\n` }
}
