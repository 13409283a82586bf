/** Engine API 1.51, tag Volume. */
import type { VolumeCreateRequest } from '../../../protocol/engine-api.ts'
import type { VolumeService } from '../../volume/volume-api.ts'
import { json, noContent, type Route } from '../api-types.ts'
import { optionalJsonObject } from '../request-body.ts'

export function volumeRoutes(volumes: VolumeService): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/volumes',
      handler: async ({ query }) => json({ Volumes: await volumes.list(query.filters()), Warnings: null }),
    },
    {
      method: 'POST',
      pattern: '/volumes/create',
      handler: async ({ body }) =>
        json(await volumes.create(await optionalJsonObject<VolumeCreateRequest>(body)), 201),
    },
    {
      method: 'POST',
      pattern: '/volumes/prune',
      handler: async ({ query }) => json(await volumes.prune(query.filters())),
    },
    {
      method: 'GET',
      pattern: '/volumes/{name}',
      handler: async (_, { name }) => json(await volumes.inspect(name!)),
    },
    {
      method: 'DELETE',
      pattern: '/volumes/{name}',
      handler: async ({ query }, { name }) => {
        await volumes.remove(name!, query.flag('force'))
        return noContent()
      },
    },
  ]
}
