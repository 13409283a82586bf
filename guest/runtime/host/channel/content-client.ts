/** The content store as the engine calls it (guest/protocol/api/content.ts), over streams of the channel. */
import { constants } from 'node:fs'
import { open as openFile } from 'node:fs/promises'
import type { ByteStream, Channel } from '../../../protocol/wire/byte-stream.ts'
import type {
  BuildStep,
  ContentAnswers,
  ContentRequest,
  Digest,
  ImageRecord,
  IngestResult,
  ManifestInspect,
  OciImageConfig,
  Platform,
  PullProgress,
  PushProgress,
  PushResult,
  RegistryCredentials,
  SearchItem,
} from '../../../protocol/api/content.ts'
import { isPiped } from '../../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { isRecord } from '../../../protocol/wire/is-record.ts'
import { parseError } from '../../../protocol/wire/json.ts'
import { parseJsonObject } from '../../../vocabulary/json.ts'
import { LineReader } from '../line-reader.ts'
import { abandon } from '../pipes.ts'
import { sendAll } from '../send-all.ts'
import { unlessAborted } from '../../../protocol/wire/unless-aborted.ts'

export interface PullOptions {
  reference: string
  platform?: Platform
  auth?: RegistryCredentials
}

export type PushOptions = Omit<PullOptions, 'platform'>

export interface AdoptedImage {
  config: Digest
  manifest?: Digest
  /** The blobs' digests in the order of the configuration's diff_ids. */
  layers: Digest[]
  reference?: string
}

/**
 * The content store as the engine calls it. A signal that aborts also ends the call in the page, even if a registry
 * stalls.
 */
export interface ContentClient {
  images(): Promise<ImageRecord[]>
  pull(
    options: PullOptions,
    onProgress: (progress: PullProgress) => void,
    signal?: AbortSignal,
  ): Promise<ImageRecord>
  push(
    options: PushOptions,
    onProgress: (progress: PushProgress) => void,
    signal?: AbortSignal,
  ): Promise<PushResult>
  login(domain: string, auth: RegistryCredentials, signal?: AbortSignal): Promise<{ identityToken?: string }>
  manifest(options: PushOptions, signal?: AbortSignal): Promise<ManifestInspect>
  /** Stores the manifest under the reference's tag, or under its digest when the reference has no tag. */
  putManifest(
    options: PushOptions,
    mediaType: string,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<{ digest: Digest }>
  /** Makes a blob of the repository `from` one of the reference's too; false when the registry won't. */
  mount(
    options: PushOptions,
    digest: Digest,
    from: string,
    signal?: AbortSignal,
  ): Promise<{ mounted: boolean }>
  search(domain: string, term: string): Promise<SearchItem[]>
  /** Deletes what nothing needs. */
  collect(): Promise<Digest[]>
  catalogue(): Promise<{ reference: string; size: number }[]>
  tag(id: Digest, reference: string): Promise<ImageRecord>
  untag(reference: string): Promise<Digest[]>
  remove(id: Digest): Promise<Digest[]>
  /** Keeps blobs and layers (diffIds) until `release`; leasing again adds to it. */
  lease(id: string, digests: Digest[]): Promise<void>
  /** Ends the lease; succeeds when there is none. */
  release(id: string): Promise<void>
  blob(digest: Digest): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> }>
  ingest(mediaType: string, bytes: AsyncIterable<Uint8Array>, expected?: Digest): Promise<IngestResult>
  createImage(
    config: OciImageConfig,
    layers: Digest[],
    reference?: string,
    built?: BuildStep,
  ): Promise<ImageRecord>
  /** Makes an image of ingested blobs: it keeps its id, and keeps its digest when its manifest is among them. */
  adoptImage(image: AdoptedImage): Promise<ImageRecord>
}

const WHO = 'the content store'

type Call = ContentRequest['call']
type RequestOf<Name extends Call> = Extract<ContentRequest, { call: Name }>
type ProgressOf<Name extends Call> = Name extends 'push' ? PushProgress : PullProgress

/** Reads to the last line. What it holds is the page's own, of the same build: ContentAnswers says what that is. */
async function resultOf<Name extends Call>(
  reader: LineReader,
  onProgress?: (progress: ProgressOf<Name>) => void,
): Promise<ContentAnswers[Name]> {
  for (;;) {
    const message = parseJsonObject(await reader.line(), `a line of ${WHO}`)
    if ('error' in message) throw parseError(message.error, `${WHO} sent an error that is none`)
    if ('result' in message) return message.result as ContentAnswers[Name]
    if (!isRecord(message.progress)) throw new EngineError('corrupt', `${WHO} sent a line that says nothing`)
    onProgress?.(message.progress as unknown as ProgressOf<Name>)
  }
}

/** Writes the bytes into a file that is there. Reads all of them, whatever the page makes of them. */
async function writeInto(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await openFile(path, constants.O_WRONLY)
  try {
    for await (const chunk of bytes)
      for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten
  } finally {
    await file.close()
  }
}

async function uploadName(reader: LineReader): Promise<string> {
  const message = parseJsonObject(await reader.line(), `a line of ${WHO}`)
  if ('error' in message) throw parseError(message.error, `${WHO} sent an error that is none`)
  if (typeof message.upload === 'string' && /^[0-9]+$/.test(message.upload)) return message.upload
  throw new EngineError('corrupt', `${WHO} named no file for an upload`)
}

/**
 * @param session the present channel session, or the next one
 * @param uploads the directory of the page's files for uploads; without it all bytes go on streams
 */
export function channelContentClient(session: () => Promise<Channel>, uploads?: string): ContentClient {
  const open = async (request: ContentRequest) => (await session()).open({ service: 'content', request })
  const giveUp = (stream: ByteStream): void => stream.reset('the call was given up')
  /** Ends the call in the page too when it is given up. */
  const unlessGivenUp = async <T>(
    stream: ByteStream,
    work: Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    try {
      return await unlessAborted(work, signal)
    } catch (error) {
      if (signal?.aborted === true) giveUp(stream)
      throw error
    }
  }
  const call = async <Name extends Call>(
    request: RequestOf<Name>,
    onProgress?: (progress: ProgressOf<Name>) => void,
    signal?: AbortSignal,
  ): Promise<ContentAnswers[Name]> => {
    const stream = await unlessAborted(open(request), signal, giveUp)
    await stream.end()
    return unlessGivenUp(stream, resultOf(new LineReader(stream, WHO), onProgress), signal)
  }
  /** Sends the request and the bytes after it. */
  const upload = async <Name extends 'ingest' | 'put-manifest'>(
    request: RequestOf<Name>,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<ContentAnswers[Name]> => {
    const stream = await unlessAborted(open(request), signal, giveUp)
    const sent = sendAll(stream, bytes)
    const result = sent.then(() => resultOf<Name>(new LineReader(stream, WHO)))
    return unlessGivenUp(stream, result, signal)
  }
  /** The bytes go into a file of the page's, past the engine when they can. */
  const ingestFile = async (
    request: RequestOf<'ingest'>,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<IngestResult> => {
    const stream = await open({ ...request, upload: true }).catch((error: unknown) => {
      if (isPiped(bytes)) abandon(bytes)
      throw error
    })
    const reader = new LineReader(stream, WHO)
    try {
      const path = `${uploads}/${await uploadName(reader)}`
      await (isPiped(bytes) ? bytes.pipeTo(path) : writeInto(path, bytes))
      await stream.end()
    } catch (error) {
      if (isPiped(bytes)) abandon(bytes)
      stream.reset(EngineError.from(error).message)
      throw error
    }
    return resultOf<'ingest'>(reader)
  }
  return {
    images: () => call({ call: 'images' }),
    pull: (options, onProgress, signal) => call({ call: 'pull', ...options }, onProgress, signal),
    push: (options, onProgress, signal) => call({ call: 'push', ...options }, onProgress, signal),
    login: (domain, auth, signal) => call({ call: 'login', domain, auth }, undefined, signal),
    manifest: (options, signal) => call({ call: 'manifest', ...options }, undefined, signal),
    putManifest: (options, mediaType, bytes, signal) =>
      upload({ call: 'put-manifest', mediaType, ...options }, bytes, signal),
    mount: (options, digest, from, signal) =>
      call({ call: 'mount', digest, from, ...options }, undefined, signal),
    search: (domain, term) => call({ call: 'search', domain, term }),
    collect: async () => (await call({ call: 'collect' })).deleted,
    catalogue: () => call({ call: 'catalogue' }),
    tag: (id, reference) => call({ call: 'tag', id, reference }),
    untag: async (reference) => (await call({ call: 'untag', reference })).deleted,
    remove: async (id) => (await call({ call: 'remove', id })).deleted,
    lease: async (id, digests) => void (await call({ call: 'lease', id, digests })),
    release: async (id) => void (await call({ call: 'release', id })),
    async blob(digest) {
      const stream = await open({ call: 'blob', digest })
      await stream.end()
      const reader = new LineReader(stream, WHO)
      const { size } = await resultOf<'blob'>(reader)
      return { size, bytes: reader.bytes() }
    },
    ingest: async (mediaType, bytes, expected) => {
      const request = { call: 'ingest', mediaType, ...(expected && { expected }) } as const
      return uploads === undefined ? upload(request, bytes) : ingestFile(request, bytes)
    },
    adoptImage: (image) => call({ call: 'adopt-image', ...image }),
    createImage: (config, layers, reference, built) =>
      call({
        ...{ call: 'create-image', config, layers },
        ...(reference !== undefined && { reference }),
        ...(built && { built }),
      }),
  }
}
