/** Engine API 1.51, tag Image. */
import type { Platform } from '../../../../protocol/api/content.ts'
import type { ImageService } from '../../image/image-service.ts'
import { credentialsOf } from '../registry-auth-header.ts'
import { withErrorLine } from '../error-line.ts'
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
      handler: async (_, { name }) => json(await images.inspect(name!)),
    },
    {
      method: 'GET',
      pattern: '/images/{name*}/history',
      handler: async (_, { name }) => json(await images.history(name!)),
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

/** `linux/386`, `linux/arm/v7`. */
function platformOf(text: string): Platform | undefined {
  if (text === '') return undefined
  const [os = '', architecture = '', variant] = text.split('/')
  return { os, architecture, ...(variant !== undefined && { variant }) }
}

export async function pullImage(
  images: ImageService,
  { query, headers, signal }: ApiRequest,
): Promise<ApiResponse> {
  const name = query.text('fromImage')
  const tag = query.text('tag')
  const reference = tag === '' ? name : /^sha\d+:/.test(tag) ? `${name}@${tag}` : `${name}:${tag}`
  const platform = platformOf(query.text('platform'))
  const auth = credentialsOf(headers)
  const options = { ...(platform && { platform }), ...(auth && { auth }) }
  return jsonLines(await withErrorLine(images.pull({ reference, ...options }, signal)))
}
