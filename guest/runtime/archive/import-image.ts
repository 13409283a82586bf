/** `POST /images/create?fromSrc=`: a tree of files as an image of one layer. Source: moby, daemon/images/image_import.go. */
import type { ImageRecord } from '../../protocol/content.ts'
import type { JsonProgress } from '../../protocol/engine-api.ts'
import { EngineError } from '../../protocol/errors.ts'
import { applyChanges } from '../build/apply-changes.ts'
import { compressionOf } from '../host/archive-type.ts'
import { formatTime } from '../host/clock.ts'
import { progressStream } from '../image/progress-stream.ts'
import { familiarReference, parseReference } from '../image/reference.ts'
import type { EngineContext } from '../lifecycle/context.ts'
import { randomId } from '../lifecycle/ids.ts'
import { newReference } from './commit-container.ts'
import { imageConfig } from './image-config.ts'

export interface ImportOptions {
  /** `-`: the request's body; else a URL. */
  source: string
  repository: string
  tag: string
  message: string
  changes: readonly string[]
  /** `os/architecture`; empty: the machine's. */
  platform: string
}

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'
const MAGIC_LENGTH = 6

/** The page unpacks gzip faster than the guest; the layer is stored as it came. */
async function typedLayer(
  archive: AsyncIterable<Uint8Array>,
): Promise<{ type: string; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = archive[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < MAGIC_LENGTH) {
    const next = await iterator.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  const compression = compressionOf(head)
  if (compression !== 'none' && compression !== 'gzip')
    throw new EngineError(
      'not-supported',
      `the archive is compressed with ${compression}, which is not supported: use gzip or none`,
    )
  async function* bytes(): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  return { type: compression === 'gzip' ? `${LAYER_TYPE}+gzip` : LAYER_TYPE, bytes: bytes() }
}

function checkPlatform(platform: string): void {
  const [os, architecture = '386'] = platform === '' ? ['linux'] : platform.split('/')
  if (os !== 'linux' || !['386', 'i386'].includes(architecture))
    throw new EngineError(
      'invalid',
      `operating system or architecture is not supported: ${platform}; only linux/386 is`,
    )
}

async function makeImage(
  context: EngineContext,
  options: ImportOptions,
  archive: AsyncIterable<Uint8Array>,
): Promise<ImageRecord> {
  checkPlatform(options.platform)
  const reference = newReference(options.repository, options.tag)
  const config = applyChanges({}, options.changes)
  const { type, bytes } = await typedLayer(archive)
  const layer = await context.content.ingest(type, bytes)
  if (layer.diffId === undefined)
    throw new EngineError('internal', 'the content store did not unpack the archive')
  const created = formatTime(context.clock.now())
  const comment = options.message || `Imported from ${options.source}`
  const made = imageConfig({ config, layer: layer.diffId, created, comment })
  return context.content.createImage(made, [layer.digest], reference)
}

interface Downloading {
  current: number
  total: number | undefined
}

const downloadLine = ({ current, total }: Downloading): JsonProgress => ({
  status: 'Downloading',
  progressDetail: { current, ...(total && { total }) },
})

async function* fromUrl(
  context: EngineContext,
  options: ImportOptions,
  signal: AbortSignal,
): AsyncGenerator<JsonProgress, ImageRecord> {
  const url = /^https?:\/\//.test(options.source) ? options.source : `http://${options.source}`
  yield { status: `Downloading from ${url}` }
  const { downloadFile } = await import('../host/download-file.ts')
  const { createReadStream } = await import('node:fs')
  const directory = `${context.paths.dataRoot}/tmp/import-${randomId(context.random)}`
  await context.files.makeDirectory(directory, 0o700)
  try {
    const name = yield* progressStream<Downloading, JsonProgress, string | undefined>(
      (report) => downloadFile(url, directory, signal, async (current, total) => report({ current, total })),
      downloadLine,
    )
    return await makeImage(context, options, createReadStream(`${directory}/${name ?? '__unnamed__'}`))
  } finally {
    await context.files.removeTree(directory)
  }
}

export async function* importImage(
  context: EngineContext,
  options: ImportOptions,
  body: AsyncIterable<Uint8Array>,
  { signal, added }: { signal: AbortSignal; added(image: ImageRecord): void },
): AsyncGenerator<JsonProgress> {
  const image =
    options.source === '-'
      ? await makeImage(context, options, body)
      : yield* fromUrl(context, options, signal)
  added(image)
  const reference = image.references[0]
  const name = reference === undefined ? image.id : familiarReference(parseReference(reference))
  context.events.publish('image', 'import', image.id, { name })
  yield { status: image.id }
}
