/** Answers the engine's calls (guest/protocol/api/content.ts) on channel streams. */
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import type { ContentAnswers, ContentMessage, ContentRequest } from '../../../guest/protocol/api/content.ts'
import type { Digest } from '../../../guest/protocol/api/oci-image.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BlockCache } from '../storage/block-cache.ts'
import { Catalogue, type SiteFiles } from '../catalogue/catalogue.ts'
import { storedCatalogue } from '../catalogue/catalogue-cache.ts'
import { ContentStore } from '../content/content-store.ts'
import { adoptImage, createImage } from '../content/create-image.ts'
import { parseDigest } from '../storage/digest.ts'
import type { Fetch } from '../catalogue/http-bytes.ts'
import {
  familiarReference,
  formatReference,
  parseDockerReference,
} from '../../../guest/vocabulary/image-reference.ts'
import { ingestContent, type IngestResult } from './ingest-content.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { openBlob } from '../catalogue/open-blob.ts'
import { Puller } from '../registry-client/puller.ts'
import { mountBlob, pushManifest } from '../registry-client/push-manifest.ts'
import { TokenCache } from '../registry-client/registry-auth.ts'
import {
  inspectManifest,
  listCatalogue,
  logIn,
  pull,
  push,
  search,
  type OnAnyProgress,
} from '../registry-client/registry-calls.ts'
import { LOCAL_REGISTRY } from '../registry-client/registry-origin.ts'
import { RegistryMirrors } from '../registry-client/registry-mirrors.ts'
import type { RegistryContent } from '../registry-client/registry-content.ts'
import { Uploads, type Upload } from '../trees/uploads-directory.ts'
import { RegistrySession } from '../registry-client/registry-session.ts'
import { registryFetch } from '../registry-server/registry-fetch.ts'
import { createRegistry, type RegistryHandlers } from '../registry-server/registry-handler.ts'

/** What a machine needs to serve content; `createContent` makes one. */
export interface Content extends RegistryContent {
  /** The registry of this page, which is `registry.local` in references. */
  registry: RegistryHandlers
  /** Files of the 9P tree that the guest writes for `ingest`. */
  uploads: Uploads
}

export interface ContentOptions {
  keyValues: KeyValueStore
  files: SiteFiles
  /** Unpacked layer blocks; the system trees may share it. */
  blocks: BlockCache
  /** The fetch that reaches registries; default: the global one. */
  fetch?: Fetch
}

export function createContent({ keyValues, files, blocks, fetch }: ContentOptions): Content {
  const store = new ContentStore(keyValues, blocks)
  const catalogue = new Catalogue(files, storedCatalogue(store, keyValues))
  const registry = createRegistry(keyValues, store)
  const local = registryFetch(registry.handleOwn)
  const tokens = new TokenCache()
  const connect: Content['connect'] = (domain, credentials, mirror) => {
    const reach = domain === LOCAL_REGISTRY ? local : fetch
    return new RegistrySession(domain, { credentials, tokens, fetch: reach, mirror })
  }
  const mirrors = new RegistryMirrors(files)
  return { store, catalogue, puller: new Puller(store), registry, mirrors, connect, uploads: new Uploads() }
}

/** Serves one call; every failure becomes the stream's `error` line. */
export async function serveContent(
  content: Content,
  request: ContentRequest,
  stream: ByteStream,
): Promise<void> {
  const stop = new AbortController()
  stream.closed.catch((reason: unknown) => stop.abort(reason))
  const send = (message: ContentMessage): Promise<void> =>
    stream.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`))
  try {
    if (request.call === 'blob') return await sendBlob(content, parseDigest(request.digest), stream, send)
    // Nobody waits for progress to be written: the stream keeps the order, and a broken one stops the pull.
    const onProgress: OnAnyProgress = (progress) =>
      void send({ progress }).catch((reason: unknown) => stop.abort(reason))
    if (request.call === 'ingest') await send({ result: await ingest(content, request, stream, send) })
    else await send({ result: await answer(content, request, stream, onProgress, stop.signal) })
    await stream.end()
  } catch (error) {
    if (stop.signal.aborted) return
    await send({ error: EngineError.from(error).toJSON() })
    await stream.end()
    if (request.call === 'put-manifest' || (request.call === 'ingest' && !request.upload)) await drain(stream)
  }
}

type IngestRequest = Extract<ContentRequest, { call: 'ingest' }>

async function ingest(
  { store, uploads }: Content,
  { mediaType, expected, upload }: IngestRequest,
  stream: ByteStream,
  send: (message: ContentMessage) => Promise<void>,
): Promise<IngestResult> {
  if (upload !== true) return ingestContent(store, mediaType, expected, received(stream))
  const bytes = await uploaded(uploads, stream, send)
  try {
    return await ingestContent(store, mediaType, expected, bytes)
  } finally {
    bytes.leave()
  }
}

async function* received(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) yield chunk
}

/** The bytes that the caller writes to a file, until it ends its stream. */
async function uploaded(
  uploads: Uploads,
  stream: ByteStream,
  send: (message: ContentMessage) => Promise<void>,
): Promise<Upload> {
  const upload = uploads.begin()
  const unasked = new EngineError('invalid', 'bytes came on the stream of an upload')
  stream.read().then(
    (chunk) => (chunk === null ? upload.finish() : upload.fail(unasked)),
    (error: unknown) => upload.fail(EngineError.from(error)),
  )
  await send({ upload: upload.name })
  return upload
}

/** Reads the rest: a caller that is still uploading would wait for credit for ever. */
async function drain(stream: ByteStream): Promise<void> {
  while ((await stream.read()) !== null);
}

async function answer(
  content: Content,
  request: Exclude<ContentRequest, { call: 'blob' | 'ingest' }>,
  stream: ByteStream,
  onProgress: OnAnyProgress,
  signal: AbortSignal,
): Promise<ContentAnswers[Exclude<ContentRequest['call'], 'blob' | 'ingest'>]> {
  const { store } = content
  switch (request.call) {
    case 'images':
      return store.images.records()
    case 'pull':
      return pull(content, request, onProgress, signal)
    case 'push':
      return push(content, request, onProgress, signal)
    case 'login':
      return logIn(content, request, signal)
    case 'manifest':
      return inspectManifest(content, request, signal)
    case 'put-manifest':
      return pushManifest(content, request, stream, signal)
    case 'mount':
      return mountBlob(content, request, signal)
    case 'search':
      return search(content, request)
    case 'collect':
      return { deleted: await store.collect() }
    case 'catalogue':
      return listCatalogue(content)
    case 'tag':
      await store.transaction(() => store.images.tag(parseDigest(request.id), canonical(request.reference)))
      return store.images.record(parseDigest(request.id))
    case 'untag':
      return untag(store, request.reference)
    case 'remove':
      return remove(store, parseDigest(request.id))
    case 'lease':
      await store.lease(`guest-${request.id}`, request.digests.map(parseDigest))
      return null
    case 'release':
      await store.release(`guest-${request.id}`)
      return null
    case 'adopt-image':
      return adoptImage(store, request)
    case 'create-image':
      return createImage(store, request)
    default:
      throw new EngineError(
        'invalid',
        `the content store has no call ${JSON.stringify((request as { call: unknown }).call)}`,
      )
  }
}

async function sendBlob(
  content: Content,
  digest: Digest,
  stream: ByteStream,
  send: (message: ContentMessage) => Promise<void>,
): Promise<void> {
  const { size, read } = await openBlob(content, digest)
  await send({ result: { size } })
  let sent = 0
  try {
    for await (const chunk of read()) {
      await stream.write(chunk)
      sent += chunk.length
    }
  } catch (error) {
    // The result line has been sent: only a reset can still say that the bytes are not whole.
    stream.reset(`blob ${digest} failed after ${sent} of ${size} bytes: ${EngineError.from(error).message}`)
    return
  }
  await stream.end()
}

function canonical(reference: string): string {
  return formatReference(parseDockerReference(reference))
}

async function untag(store: ContentStore, reference: string): Promise<{ deleted: Digest[] }> {
  const name = canonical(reference)
  await store.transaction(async () => {
    const pointer = await store.images.reference(name)
    if (pointer === undefined)
      throw new EngineError('not-found', `No such image: ${familiarReference(parseDockerReference(name))}`)
    // An image without a name stays until it is removed, because a container may run from it.
    await store.images.untag(name)
  })
  return { deleted: await store.collect() }
}

async function remove(store: ContentStore, id: Digest): Promise<{ deleted: Digest[] }> {
  await store.transaction(async () => {
    if ((await store.images.get(id)) === undefined)
      throw new EngineError('not-found', `No such image: ${id}`, { id })
    await store.images.delete(id)
  })
  return { deleted: await store.collect() }
}
