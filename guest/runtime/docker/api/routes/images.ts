/** Engine API 1.51, tag Image. */
import type { Platform } from '../../../../protocol/api/content.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { decodePlatform, parsePlatform } from '../../../../vocabulary/platform.ts'
import type { ImageService } from '../../image/image-service.ts'
import { has, type ApiChange } from '../api-changes.ts'
import { inspectByVersion, summaryByVersion } from '../image-by-version.ts'
import { credentialsOf } from '../registry-auth-header.ts'
import { withErrorLine } from '../error-line.ts'
import { json, jsonLines, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'

export function imageRoutes(images: ImageService): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/images/json',
      handler: async (request) => json(await list(images, request)),
    },
    {
      method: 'POST',
      pattern: '/images/prune',
      handler: async ({ query }) => json(await images.prune(query.filters())),
    },
    {
      method: 'GET',
      pattern: '/images/{name*}/json',
      handler: async (request, { name }) => {
        const platform = platformOf(request, 'image-inspect-platform')
        if (platform && has(request, 'image-inspect-manifests') && request.query.flag('manifests'))
          throw new EngineError(
            'invalid',
            'conflicting options: manifests and platform options cannot both be set',
          )
        return json(inspectByVersion(await images.inspect(name!, platform), request))
      },
    },
    {
      method: 'GET',
      pattern: '/images/{name*}/history',
      handler: async (request, { name }) =>
        json(await images.history(name!, platformOf(request, 'image-history-platform'))),
    },
    {
      method: 'POST',
      pattern: '/images/{name*}/tag',
      handler: async ({ query }, { name }) => {
        await images.tag(name!, query.text('repo'), query.text('tag'))
        return { kind: 'empty', status: 201 }
      },
    },
    {
      method: 'DELETE',
      pattern: '/images/{name*}',
      handler: async (request, { name }) => json(await remove(images, name!, request)),
    },
    { method: 'GET', pattern: '/porthole/catalogue', handler: async () => json(await images.catalogue()) },
  ]
}

/**
 * The `platform` that a query asks for, as JSON; undefined for a client of before the change.
 * @throws EngineError `invalid` for a text that is no platform
 */
export function platformOf(request: ApiRequest, since: ApiChange): Platform | undefined {
  const text = has(request, since) ? request.query.text('platform') : ''
  return text === '' ? undefined : decodePlatform(text)
}

async function remove(images: ImageService, name: string, request: ApiRequest): Promise<unknown> {
  const { query } = request
  const asked = has(request, 'image-remove-platform') ? query.all('platforms').map(decodePlatform) : []
  if (asked.length > 1) throw new EngineError('invalid', 'multiple platforms are not supported')
  if (asked[0]) await images.inspect(name, asked[0])
  return images.remove(name, query.flag('force'), !query.flag('noprune'))
}

async function list(images: ImageService, request: ApiRequest): Promise<unknown[]> {
  const { query } = request
  const filters = query.filters()
  const name = has(request, 'image-list-no-filter') ? '' : query.text('filter')
  if (name !== '') filters['reference'] = [...(filters['reference'] ?? []), name]
  const sharedSize = has(request, 'image-list-shared-size') && query.flag('shared-size')
  const listed = await images.list(filters, sharedSize, query.flag('all'))
  return listed.map((image) => summaryByVersion(image, request))
}

export async function pullImage(images: ImageService, request: ApiRequest): Promise<ApiResponse> {
  const { query, headers, signal } = request
  const name = query.text('fromImage')
  const tag = query.text('tag')
  const reference = tag === '' ? name : /^sha\d+:/.test(tag) ? `${name}@${tag}` : `${name}:${tag}`
  const asked = has(request, 'pull-platform') ? query.text('platform') : ''
  const platform = asked === '' ? undefined : parsePlatform(asked)
  const auth = credentialsOf(headers)
  const options = { ...(platform && { platform }), ...(auth && { auth }) }
  return jsonLines(await withErrorLine(images.pull({ reference, ...options }, signal)))
}
