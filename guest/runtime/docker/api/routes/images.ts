/** Engine API 1.51, tag Image. */
import type { Platform } from '../../../../protocol/api/content.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { decodePlatform, parsePlatform } from '../../../../vocabulary/platform.ts'
import type { ImageService } from '../../image/image-service.ts'
import { credentialsOf } from '../registry-auth-header.ts'
import { withErrorLine } from '../error-line.ts'
import type { Query } from '../query.ts'
import { json, jsonLines, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'

export function imageRoutes(images: ImageService): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/images/json',
      handler: async ({ query }) =>
        json(await images.list(query.filters(), query.flag('shared-size'), query.flag('all'))),
    },
    {
      method: 'POST',
      pattern: '/images/prune',
      handler: async ({ query }) => json(await images.prune(query.filters())),
    },
    {
      method: 'GET',
      pattern: '/images/{name*}/json',
      handler: async ({ query }, { name }) => {
        const platform = platformOf(query)
        if (platform && query.flag('manifests'))
          throw new EngineError(
            'invalid',
            'conflicting options: manifests and platform options cannot both be set',
          )
        return json(await images.inspect(name!, platform))
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

export async function pullImage(
  images: ImageService,
  { query, headers, signal }: ApiRequest,
): Promise<ApiResponse> {
  const name = query.text('fromImage')
  const tag = query.text('tag')
  const reference = tag === '' ? name : /^sha\d+:/.test(tag) ? `${name}@${tag}` : `${name}:${tag}`
  const text = query.text('platform')
  const platform = text === '' ? undefined : parsePlatform(text)
  const auth = credentialsOf(headers)
  const options = { ...(platform && { platform }), ...(auth && { auth }) }
  return jsonLines(await withErrorLine(images.pull({ reference, ...options }, signal)))
}
