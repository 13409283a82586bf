/** end-4 to end-6, end-11, end-13: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-blobs */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Upload } from '../content/blob-store.ts'
import { findStored } from '../content/find-stored.ts'
import { requireDigest, type RegistryContext, type RouteRequest } from './registry-context.ts'
import { RegistryError } from './registry-error.ts'
import { answer, type RegistryResponse } from './registry-messages.ts'

const UNKNOWN_TYPE = 'application/octet-stream'

/** Mounts a blob, takes a whole one, or opens an upload. */
export async function startUpload(
  context: RegistryContext,
  request: RouteRequest,
): Promise<RegistryResponse> {
  const { repository, query } = request
  const mount = query.get('mount')
  if (mount !== null && (await mountBlob(context, request, requireDigest(mount))))
    return created(repository, requireDigest(mount))
  const id = await context.uploads.begin(repository)
  const digest = query.get('digest')
  if (digest !== null) return finishUpload(context, { ...request, name: id })
  return uploadState(202, repository, id, 0)
}

/** Without `from`, the blob may come from any repository ("automatic content discovery"). */
async function mountBlob(
  { store, adopts }: RegistryContext,
  { repository, query }: RouteRequest,
  digest: Digest,
): Promise<boolean> {
  const { repositories } = store
  const from = query.get('from')
  return store.transaction(async () => {
    const known =
      from === null
        ? adopts || (await repositories.repositoryOf(digest)) !== undefined
        : await repositories.hasBlob(from, digest)
    if (!known || (await findStored(store, digest)) === undefined) return false
    await repositories.linkBlob(repository, digest)
    return true
  })
}

export async function uploadStatus(
  { uploads }: RegistryContext,
  { repository, name }: RouteRequest,
): Promise<RegistryResponse> {
  const received = await uploads.use(repository, name, (upload) => Promise.resolve(upload.received))
  return uploadState(204, repository, name, received)
}

export async function patchUpload(
  context: RegistryContext,
  request: RouteRequest,
): Promise<RegistryResponse> {
  const { repository, name } = request
  const received = await context.uploads.use(repository, name, async (upload) => {
    await receive(upload, request)
    return upload.received
  })
  return uploadState(202, repository, name, received)
}

export async function finishUpload(
  context: RegistryContext,
  request: RouteRequest,
): Promise<RegistryResponse> {
  const { repository, name, query } = request
  const { store, uploads } = context
  const digest = requireDigest(query.get('digest'))
  await uploads.use(repository, name, async (upload) => {
    await receive(upload, request)
    try {
      await store.transaction(async () => {
        await upload.commit(digest, UNKNOWN_TYPE)
        await store.repositories.linkBlob(repository, digest)
      })
    } catch (error) {
      await upload.discard()
      if (EngineError.from(error).code !== 'corrupt') throw error
      throw new RegistryError('DIGEST_INVALID', EngineError.from(error).message)
    } finally {
      await uploads.end(name)
    }
  })
  return created(repository, digest)
}

export async function cancelUpload(
  { uploads }: RegistryContext,
  { repository, name }: RouteRequest,
): Promise<RegistryResponse> {
  await uploads.use(repository, name, async (upload) => {
    await upload.discard()
    await uploads.end(name)
  })
  return answer(204)
}

/** Appends the request's body to the upload; chunks must come in order. */
async function receive(upload: Upload, { headers, body, repository, name }: RouteRequest): Promise<void> {
  const start = upload.received
  const range = headers['content-range']
  const match = range === undefined ? null : /^(?:bytes )?(\d+)-(\d+)(?:\/.*)?$/.exec(range)
  if (range !== undefined && (match === null || Number(match[1]) !== start))
    throw new RegistryError('RANGE_INVALID', { offset: start }, { headers: state(repository, name, start) })
  for await (const chunk of body) await upload.write(chunk)
  const announced = match === null ? headers['content-length'] : String(Number(match[2]) - start + 1)
  if (announced !== undefined && Number(announced) !== upload.received - start)
    throw new RegistryError('SIZE_INVALID', { announced, received: upload.received - start })
}

/** The range is inclusive, so that no byte and one byte look the same, as in the reference implementation. */
function state(repository: string, id: string, received: number): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, received - 1)}`,
    'docker-upload-uuid': id,
  }
}

function uploadState(status: number, repository: string, id: string, received: number): RegistryResponse {
  return answer(status, state(repository, id, received))
}

function created(repository: string, digest: Digest): RegistryResponse {
  return answer(201, { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest })
}
