/** Engine API 1.51, tag Image. */
import type { Platform } from '../../../../protocol/api/content.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { decodePlatform, parsePlatform } from '../../../../vocabulary/platform.ts'
import type { ImageService } from '../../image/image-service.ts'
import { has } from '../api-changes.ts'
import { inspectByVersion, summaryByVersion } from '../image-by-version.ts'
import { credentialsOf } from '../registry-auth-header.ts'
import { withErrorLine } from '../error-line.ts'
import type { Query } from '../query.ts'
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
        const platform = platformOf(request.query)
        if (platform && request.query.flag('manifests'))
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
      handler: async ({ query }, { name }) => json(await images.history(name!, platformOf(query))),
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
      handler: async ({ query }, { name }) =>
        json(await images.remove(name!, query.flag('force'), !query.flag('noprune'))),
    },
    { method: 'GET', pattern: '/porthole/catalogue', handler: async () => json(await images.catalogue()) },
  ]
}

/**
 * The `platform` that a query asks for, as JSON.
 * @throws EngineError `invalid` for more than one, or for what is none
 */
export function platformOf(query: Query): Platform | undefined {
  if (query.all('platform').length > 1)
    throw new EngineError('invalid', 'multiple platform parameters not supported')
  const text = query.text('platform')
  return text === '' ? undefined : decodePlatform(text)
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
