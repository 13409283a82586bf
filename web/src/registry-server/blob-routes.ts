/** end-2 and end-10: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#endpoints */
import { findBlob, requireDigest, type RegistryContext, type RouteRequest } from './registry-context.ts'
import { RegistryError } from './registry-error.ts'
import { answer, type RegistryResponse } from './registry-messages.ts'

export async function getBlob(context: RegistryContext, request: RouteRequest): Promise<RegistryResponse> {
  const digest = requireDigest(request.name)
  const blob = await findBlob(context, request.repository, digest)
  if (blob === undefined) throw new RegistryError('BLOB_UNKNOWN', { digest })
  const { size } = blob
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
    'accept-ranges': 'bytes',
    // The bytes under this name never change.
    'cache-control': 'max-age=31536000',
  }
  if (request.headers['if-none-match'] === `"${digest}"`) return answer(304, headers)
  const range = parseRange(request.headers['range'], size)
  const length = { 'content-length': String(range === undefined ? size : range.end - range.start) }
  const body = blob.read(range?.start ?? 0, range?.end ?? size)
  if (range === undefined) return answer(200, { ...headers, ...length }, body)
  const contentRange = `bytes ${range.start}-${range.end - 1}/${size}`
  return answer(206, { ...headers, ...length, 'content-range': contentRange }, body)
}

export async function deleteBlob(
  context: RegistryContext,
  { repository, name }: RouteRequest,
): Promise<RegistryResponse> {
  const digest = requireDigest(name)
  if ((await findBlob(context, repository, digest)) === undefined)
    throw new RegistryError('BLOB_UNKNOWN', { digest })
  await context.store.repositories.unlinkBlob(repository, digest)
  return answer(202, { 'docker-content-digest': digest })
}

/**
 * Parses one range of bytes (RFC 9110 §14.1.2), its end exclusive; undefined for several ranges, or another unit.
 * @throws RegistryError RANGE_INVALID for a range beyond the content
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [first, last] = [match[1]!, match[2]!]
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (start < end) return { start, end }
  throw new RegistryError('RANGE_INVALID', undefined, { headers: { 'content-range': `bytes */${size}` } })
}
