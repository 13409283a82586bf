/** Inventories as our engine answers them, of containers that were created and never started. */
import type { ContainerCreateRequest, ContainerInspect } from '../../guest/protocol/api/engine-api.ts'
import { testApi } from '../../guest/runtime/testing/test-api.ts'
import { EngineApi } from '../../guest/vocabulary/engine-client/engine-api.ts'
import type { Inventory } from '../../web/src/take/inventory.ts'

/** What the engine answers of containers that were made by these requests, by their names. */
export async function inventoryOf(
  requests: Record<string, ContainerCreateRequest>,
  change: (one: ContainerInspect) => void = () => undefined,
): Promise<Inventory> {
  const api = new EngineApi(testApi().transport)
  for (const [name, request] of Object.entries(requests)) {
    const json = {
      Image: 'busybox',
      ...request,
      Labels: { 'com.docker.compose.project': 'p', ...request.Labels },
    }
    await api.json('POST', '/containers/create', { query: { name }, json })
  }
  const listed = await api.json('GET', '/containers/json', { query: { all: true } })
  const containers = await Promise.all(
    listed.map(({ Id }) => api.json('GET', `/containers/${encodeURIComponent(Id)}/json`)),
  )
  containers.sort((a, b) => (a.Name < b.Name ? -1 : 1)).forEach(change)
  const { Volumes } = await api.json('GET', '/volumes')
  const image = await api.json('GET', '/images/busybox/json')
  return {
    ...{ containers, images: [image], networks: [], volumes: Volumes ?? [] },
    ...{ volumeSizes: new Map(), bound: new Map() },
  }
}
