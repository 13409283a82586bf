/** `POST /images/create?fromSrc=`: a tree of files as an image of one layer. Source: moby, daemon/images/image_import.go. */
import type { ImageRecord, Platform } from '../../../protocol/api/content.ts'
import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { applyChanges } from '../build/apply-changes.ts'
import { openArchive, openTar, type OpenedArchive } from '../../host/files/archive-bytes.ts'
import { formatTime } from '../../host/clock.ts'
import { progressStream } from '../image/progress-stream.ts'
import { familiarReference, parseReference } from '../../../vocabulary/image-reference.ts'
import { parsePlatform } from '../../../vocabulary/platform.ts'
import type { EngineContext } from '../state/context.ts'
import { randomId } from '../state/ids.ts'
import { newReference } from './commit-container.ts'
import { imageConfig } from './image-config.ts'

export interface ImportOptions {
  /** `-` for the request's body; else a URL. */
  source: string
  repository: string
  tag: string
  message: string
  changes: readonly string[]
  /** A platform's text for `parsePlatform`; empty: the machine's. */
  platform: string
}

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'

/**
 * Passes gzip on as it came, since the page unpacks it faster than the guest does; unpacks xz and bzip2, which the page
 * cannot.
 */
async function typedLayer(archive: AsyncIterable<Uint8Array>): Promise<OpenedArchive & { type: string }> {
  const opened = await openArchive(archive)
  if (opened.compression === 'gzip') return { ...opened, type: `${LAYER_TYPE}+gzip` }
  return { ...opened, bytes: await openTar(opened.bytes), type: LAYER_TYPE }
}

/** Accepts any architecture, because an imported image need not run here. */
function platformOf(text: string): Platform | undefined {
  if (text === '') return undefined
  const platform = parsePlatform(text)
  if (platform.os !== 'linux') throw new EngineError('invalid', 'operating system is not supported')
  return platform
}

async function makeImage(
  context: EngineContext,
  options: ImportOptions,
  archive: AsyncIterable<Uint8Array>,
): Promise<ImageRecord> {
  const platform = platformOf(options.platform)
  const reference = newReference(options.repository, options.tag)
  const config = applyChanges({}, options.changes)
  const { type, bytes } = await typedLayer(archive)
  const layer = await context.content.ingest(type, bytes)
  if (layer.diffId === undefined)
    throw new EngineError('internal', 'the content store did not unpack the archive')
  const created = formatTime(context.clock.now())
  const comment = options.message || `Imported from ${options.source}`
  const made = imageConfig({ config, layer: layer.diffId, created, comment, platform })
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
  const { downloadFile, readDownloaded } = await import('../../host/files/download-file.ts')
  const directory = `${context.paths.dataRoot}/tmp/import-${randomId(context.random)}`
  await context.files.makeDirectory(directory, 0o700)
  try {
    const name = yield* progressStream<Downloading, string | undefined>(
      (report) => downloadFile(url, directory, signal, async (current, total) => report({ current, total })),
      downloadLine,
    )
    return await makeImage(context, options, readDownloaded(`${directory}/${name ?? '__unnamed__'}`))
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
