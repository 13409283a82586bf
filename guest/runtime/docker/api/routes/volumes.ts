/** Engine API 1.51, tag Volume, and what the page keeps of volumes. */
import type { Filters } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { VolumeKeeping } from '../../volume/volume-keeping.ts'
import type { CreatedVolumeService } from '../../volume/volume-service.ts'
import { has } from '../api-changes.ts'
import { json, jsonLines, noContent, type Route } from '../api-types.ts'
import type { Query } from '../query.ts'
import { volumeCreateRequest } from '../bodies/others.ts'
import { readJson } from '../request-body.ts'

function keepingOf({ keeping }: CreatedVolumeService): VolumeKeeping {
  if (keeping !== undefined) return keeping
  throw new EngineError('not-supported', 'there is no page that could keep volumes')
}

function volumeFilters(query: Query): Filters {
  try {
    return query.filters()
  } catch (thrown) {
    throw EngineError.wrap('error reading volume filters', thrown)
  }
}

export function volumeRoutes(volumes: CreatedVolumeService): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/volumes',
      handler: async ({ query }) =>
        json({ Volumes: await volumes.list(volumeFilters(query)), Warnings: null }),
    },
    {
      method: 'POST',
      pattern: '/volumes/create',
      handler: async (request) =>
        json(await volumes.create(await readJson(request, volumeCreateRequest)), 201),
    },
    {
      method: 'POST',
      pattern: '/volumes/prune',
      handler: async (request) => {
        const filters = request.query.filters()
        if (has(request, 'volume-prune-anonymous')) return json(await volumes.prune(filters))
        // Before that version the call also removed volumes with a name.
        return json(await volumes.prune({ ...filters, all: [...(filters['all'] ?? []), 'true'] }))
      },
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
