/** Downloads, verifies and unpacks layers; one layer is fetched once, however many pulls want it. */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Ingest } from '../content/blob-store.ts'
import type { LayerDescriptor } from '../catalogue/catalogue.ts'
import type { ContentStore } from '../content/content-store.ts'
import { createHash, digestAlgorithm, shortId } from '../storage/digest.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import type { ImageReference } from '../../../guest/vocabulary/image-reference.ts'
import type { BlobStream, ImageSource } from '../catalogue/image-source.ts'
import type { LayerRecord } from '../content/layer-store.ts'
import { layerCompression } from '../content/manifest.ts'
import { pacedSource } from '../catalogue/paced-source.ts'
import type { OnProgress } from './pull-progress.ts'

export interface LayerRequest {
  reference: ImageReference
  source: ImageSource
  layer: LayerDescriptor
  onProgress: OnProgress
  signal?: AbortSignal
  /** Awaited before each piece, until a caller without a pace wants the layer too. */
  pace?: () => Promise<void>
}

interface Flight {
  record: Promise<LayerRecord>
  urgent: boolean
}

/**
 * Bytes and milliseconds between two progress lines, as in Docker (moby pkg/progress/progressreader.go); each line
 * costs the guest time.
 */
const PROGRESS_STEP = 512 * 1024
const PROGRESS_PAUSE = 100

export class LayerFetcher {
  private readonly store: ContentStore
  private readonly inFlight = new Map<Digest, Flight>()

  constructor(store: ContentStore) {
    this.store = store
  }

  /** Rejects with EngineError `unavailable`, `corrupt`, `exhausted`, `too-large`. */
  async ensure(request: LayerRequest): Promise<LayerRecord> {
    const { layer, onProgress } = request
    const id = shortId(layer.digest)
    const pending = this.inFlight.get(layer.diffId)
    if (pending !== undefined) {
      pending.urgent ||= request.pace === undefined
      onProgress({ id, status: 'Waiting' })
      // When another pull fails or is cancelled, this one fetches the layer itself.
      const shared = await unlessAborted(
        pending.record.catch(() => undefined),
        request.signal,
      )
      if (shared === undefined) return this.ensure(request)
      onProgress({ id, status: 'Pull complete' })
      return shared
    }
    const flight = this.depart(request)
    this.inFlight.set(layer.diffId, flight)
    try {
      return await flight.record
    } finally {
      this.inFlight.delete(layer.diffId)
    }
  }

  private depart(request: LayerRequest): Flight {
    const { source, pace } = request
    if (pace === undefined) return { urgent: true, record: this.fetch(request) }
    const unlessUrgent = () => (flight.urgent ? Promise.resolve() : pace())
    const record = this.fetch({ ...request, source: pacedSource(source, unlessUrgent) })
    const flight: Flight = { urgent: false, record }
    return flight
  }

  private async fetch(request: LayerRequest): Promise<LayerRecord> {
    const { layer, onProgress, source } = request
    const id = shortId(layer.digest)
    const present = await this.present(request)
    if (present !== undefined) {
      onProgress({ id, status: 'Already exists' })
      return present
    }
    const known = await this.store.layers.get(layer.diffId)
    const record = source.permanent ? await this.stream(request) : await this.download(request, known)
    onProgress({ id, status: 'Pull complete' })
    return record
  }

  /** The stored layer, when nothing must be fetched for it. */
  async present({ layer, source }: Pick<LayerRequest, 'layer' | 'source'>): Promise<LayerRecord | undefined> {
    const known = await this.store.layers.get(layer.diffId)
    const whole = known !== undefined && (source.permanent || (await this.hasBlob(layer.digest)))
    return whole ? known : undefined
  }

  private async hasBlob(digest: Digest): Promise<boolean> {
    return (
      (await this.store.blobs.get(digest)) !== undefined ||
      (await this.store.layers.get(digest)) !== undefined
    )
  }

  /** Verifies and unpacks a file of this site in one pass; nothing is visible before both digests are right. */
  private async stream(request: LayerRequest): Promise<LayerRecord> {
    const { layer, reference, source, onProgress, signal } = request
    const { start, bytes } = await source.blob(reference, layer, 0, signal)
    if (start !== 0) throw new EngineError('corrupt', `${layer.digest} was not served from its start`)
    return this.store.layers.unpack(verified(counted(bytes, request), layer), {
      name: layer.digest,
      compression: layerCompression(layer),
      diffId: layer.diffId,
      size: layer.size,
      around: (_diffId, commit) => {
        const id = shortId(layer.digest)
        onProgress({ id, status: 'Download complete' })
        onProgress({ id, status: 'Extracting', current: layer.size, total: layer.size })
        return commit()
      },
    })
  }

  /** Downloads a remote blob and keeps it, so that a broken download can go on and a push sends the same bytes. */
  private async download(request: LayerRequest, known: LayerRecord | undefined): Promise<LayerRecord> {
    const { layer, reference, source, onProgress, signal } = request
    const id = shortId(layer.digest)
    if (!(await this.hasBlob(layer.digest))) {
      const ingest = await this.store.blobs.ingest(layer)
      if (ingest.offset < layer.size) {
        const stream = await source.blob(reference, layer, ingest.offset, signal)
        await copyInto(ingest, { start: stream.start, bytes: counted(stream.bytes, request, stream.start) })
      }
      onProgress({ id, status: 'Verifying Checksum' })
      await ingest.commit()
    }
    onProgress({ id, status: 'Download complete' })
    if (known !== undefined) return known
    onProgress({ id, status: 'Extracting', current: 0, total: layer.size })
    return this.store.layers.unpack(this.store.blobs.read(layer.digest), {
      name: layer.digest,
      compression: layerCompression(layer),
      diffId: layer.diffId,
      size: layer.size,
    })
  }
}

/** Writes a stream into an ingest that may already have the stream's first bytes. */
export async function copyInto(ingest: Ingest, { start, bytes }: BlobStream): Promise<void> {
  if (start > ingest.offset)
    throw new EngineError(
      'corrupt',
      `the server answered from byte ${start} when asked from ${ingest.offset}`,
    )
  let position = start
  for await (const chunk of bytes) {
    const skip = Math.min(chunk.length, Math.max(0, ingest.offset - position))
    position += chunk.length
    if (skip < chunk.length) await ingest.write(chunk.subarray(skip))
  }
}

/** Reports progress, and stops when the pull is cancelled. */
async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  { layer, onProgress, signal }: LayerRequest,
  start = 0,
): AsyncGenerator<Uint8Array> {
  let current = start
  let [reported, at] = [-PROGRESS_STEP, -PROGRESS_PAUSE]
  for await (const chunk of bytes) {
    if (signal?.aborted === true) throw EngineError.from(signal.reason)
    current += chunk.length
    const now = performance.now()
    const due = current - reported >= PROGRESS_STEP && now - at >= PROGRESS_PAUSE
    if (due || current === layer.size) {
      onProgress({ id: shortId(layer.digest), status: 'Downloading', current, total: layer.size })
      ;[reported, at] = [current, now]
    }
    yield chunk
  }
}

/** Passes the bytes on and fails at their end when they are not the layer's. */
async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  layer: LayerDescriptor,
): AsyncGenerator<Uint8Array> {
  const hash = await createHash(digestAlgorithm(layer.digest))
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    hash.update(chunk)
    yield chunk
  }
  const actual = hash.digest()
  if (size !== layer.size || actual !== layer.digest)
    throw new EngineError(
      'corrupt',
      `layer ${layer.digest} arrived damaged: ${size} of ${layer.size} bytes, with the digest ${actual}`,
    )
}
