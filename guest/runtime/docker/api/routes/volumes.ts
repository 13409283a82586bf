/** Engine API 1.51, tag Volume, and what the page keeps of volumes. */
import type { VolumeCreateRequest } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { VolumeKeeping } from '../../volume/volume-keeping.ts'
import type { CreatedVolumeService } from '../../volume/volume-service.ts'
import { json, jsonLines, noContent, type Route } from '../api-types.ts'
import { optionalJsonObject } from '../request-body.ts'

function keepingOf({ keeping }: CreatedVolumeService): VolumeKeeping {
  if (keeping !== undefined) return keeping
  throw new EngineError('not-supported', 'there is no page that could keep volumes')
}

export function volumeRoutes(volumes: CreatedVolumeService): Route[] {
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
    {
      method: 'GET',
      pattern: '/porthole/volumes',
      handler: ({ signal }) => jsonLines(keepingOf(volumes).follow(signal)),
    },
    {
      method: 'POST',
      pattern: '/porthole/volumes/save',
      handler: async () => json(await keepingOf(volumes).flush()),
    },
  ]
}
