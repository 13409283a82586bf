/** Sends images to registries straight from the content store, in the words of `docker push` (moby's distribution/push_v2.go). */
import type { Digest, ImageLayer, PushProgress, PushResult } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { RegistryContent } from './registry-content.ts'
import type { ContentStore } from '../content/content-store.ts'
import { shortId } from '../storage/digest.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import {
  type ImageReference,
  familiarReference,
  formatReference,
} from '../../../guest/vocabulary/image-reference.ts'
import { openBlob } from '../catalogue/open-blob.ts'
import { pushBlob, type PushedBlob } from './push-blob.ts'
import { putManifest } from './push-manifest.ts'
import type { RegistrySession } from './registry-session.ts'

export interface PushOptions {
  content: RegistryContent
  reference: ImageReference
  session: RegistrySession
  onProgress(progress: PushProgress): void
  /** Resolves after so many seconds; a test's own resolves at once. */
  wait(seconds: number): Promise<void>
  signal?: AbortSignal
}

/** Docker's default. */
const PARALLEL_UPLOADS = 5
/** Bytes between two progress lines. */
const PROGRESS_STEP = 512 * 1024

/**
 * Sends layers first, then the configuration, then the manifest under the tag, so that a push that breaks off leaves no
 * manifest with missing parts. Rejects with the registry's EngineError, or `not-found` when there is no such image.
 */
export async function pushImage(options: PushOptions): Promise<PushResult> {
  const { content, reference, session, signal } = options
  const { store } = content
  const pointer = await store.images.reference(formatReference(reference))
  const image = pointer && (await store.images.get(pointer.id))
  if (pointer === undefined || image === undefined)
    throw new EngineError('not-found', `tag does not exist: ${familiarReference(reference)}`)
  const manifest = await store.blobs.get(pointer.manifestDigest)
  if (manifest === undefined)
    throw new EngineError('not-found', `the manifest of ${familiarReference(reference)} is not in the store`)
  const bytes = await store.blobs.readAll(manifest.digest)
  await pushLayers(options, image.layers)
  await sendBlob(options, image.id, () => undefined)
  await putManifest(session, {
    path: reference.path,
    name: reference.tag!,
    mediaType: manifest.mediaType,
    bytes,
    signal,
  })
  await store.origins.add(
    [pointer.id, ...image.layers.map(({ digest }) => digest)],
    `${session.domain}/${reference.path}`,
  )
  return { digest: pointer.manifestDigest, size: bytes.length }
}

/** Sends the top layer first, as Docker does; the first failure stops the rest. */
async function pushLayers(options: PushOptions, layers: readonly ImageLayer[]): Promise<void> {
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal])
  const waiting = [...layers].reverse()
  for (const { diffId } of waiting) options.onProgress({ id: shortId(diffId), status: 'Preparing' })
  for (const { diffId } of waiting.slice(PARALLEL_UPLOADS))
    options.onProgress({ id: shortId(diffId), status: 'Waiting' })
  const queue = waiting.values()
  const worker = async (): Promise<void> => {
    for (const layer of queue) {
      if (signal.aborted) throw EngineError.from(signal.reason)
      await pushLayer({ ...options, signal }, layer)
    }
  }
  const guarded = (): Promise<void> =>
    worker().catch((error: unknown) => {
      stop.abort(error)
      throw error
    })
  await Promise.allSettled(Array.from({ length: PARALLEL_UPLOADS }, guarded))
  if (stop.signal.aborted) throw EngineError.from(stop.signal.reason)
}

async function pushLayer(options: PushOptions, layer: ImageLayer): Promise<void> {
  const { onProgress } = options
  const id = shortId(layer.diffId)
  let reported = -PROGRESS_STEP
  const pushed = await sendBlob(
    options,
    layer.digest,
    (current) => {
      if (current - reported < PROGRESS_STEP && current !== layer.size) return
      reported = current
      onProgress({ id, status: 'Pushing', current, total: layer.size })
    },
    (seconds) => onProgress({ id, status: `Retrying in ${seconds} second${seconds === 1 ? '' : 's'}` }),
  )
  onProgress({ id, status: outcome(pushed) })
}

function outcome(pushed: PushedBlob): PushProgress['status'] {
  switch (pushed.how) {
    case 'exists':
      return 'Layer already exists'
    case 'mounted':
      return `Mounted from ${pushed.from}`
    case 'sent':
      return 'Pushed'
  }
}

async function sendBlob(
  { content, reference, session, wait, signal }: PushOptions,
  digest: Digest,
  onProgress: (sent: number) => void,
  onSecond: (seconds: number) => void = () => undefined,
): Promise<PushedBlob> {
  const { size, read } = await openBlob(content, digest)
  return pushBlob({
    session,
    repository: reference.path,
    blob: { digest, size, read },
    sources: await sourcesOf(content.store, session.domain, reference.path, digest),
    onProgress,
    async onRetry(seconds) {
      for (let left = seconds; left > 0; left--) {
        onSecond(left)
        await unlessAborted(wait(1), signal)
      }
    },
    ...(signal && { signal }),
  })
}

async function sourcesOf(
  { origins }: ContentStore,
  domain: string,
  path: string,
  digest: Digest,
): Promise<string[]> {
  const prefix = `${domain}/`
  const paths = (await origins.of(digest))
    .filter((repository) => repository.startsWith(prefix))
    .map((repository) => repository.slice(prefix.length))
  return paths.filter((other) => other !== path).slice(0, 3)
}
