/** The texts that can stand in a place of the command line: names of the engine's objects, or fixed words. */
import { formatFilters } from '../../../vocabulary/filters.ts'
import type { EngineApi } from '../../../vocabulary/engine-client/engine-api.ts'

export type CandidateKind =
  'containers' | 'running' | 'stopped' | 'paused' | 'images' | 'networks' | 'volumes' | 'objects' | 'files'

/** Docker lists ids only when DOCKER_COMPLETION_SHOW_CONTAINER_IDS says so. */
async function containerNames(api: EngineApi, status?: readonly string[]): Promise<string[]> {
  const filters = status === undefined ? undefined : formatFilters({ status: [...status] })
  const query = { all: 1, filters }
  const containers = await api.json('GET', '/containers/json', { query })
  return containers.flatMap(({ Names }) =>
    Names.map((name) => name.slice(1)).filter((name) => !name.includes('/')),
  )
}

async function imageNames(api: EngineApi): Promise<string[]> {
  const images = await api.json('GET', '/images/json')
  return images.flatMap(({ RepoTags }) => RepoTags ?? [])
}

async function networkNames(api: EngineApi): Promise<string[]> {
  return (await api.json('GET', '/networks')).map(({ Name }) => Name)
}

async function volumeNames(api: EngineApi): Promise<string[]> {
  const { Volumes } = await api.json('GET', '/volumes')
  return (Volumes ?? []).map(({ Name }) => Name)
}

/**
 * Asks the engine for the candidates of a kind.
 * @returns the names, in the engine's order
 */
export async function candidates(api: EngineApi, kind: CandidateKind): Promise<string[]> {
  switch (kind) {
    case 'containers':
      return containerNames(api)
    case 'running':
      return containerNames(api, ['running'])
    case 'stopped':
      return containerNames(api, ['created', 'exited'])
    case 'paused':
      return containerNames(api, ['paused'])
    case 'images':
      return imageNames(api)
    case 'networks':
      return networkNames(api)
    case 'volumes':
      return volumeNames(api)
    case 'objects':
      return (
        await Promise.all([containerNames(api), imageNames(api), networkNames(api), volumeNames(api)])
      ).flat()
    case 'files':
      return []
  }
}
