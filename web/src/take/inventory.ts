/** What the Engine API says of containers and of all that they stand on. Gathered once, so that the rest is pure. */
import type {
  ContainerInspect,
  ImageInspect,
  NetworkInspect,
  VolumeInspect,
} from '../../../guest/protocol/api/engine-api.ts'
import type { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { readBoundFiles, type BoundFilesBySource } from './bound-files.ts'
import { COMPOSE_LABEL } from './compose-labels.ts'
import { isChosen, type Selection } from './selection.ts'

export interface Inventory {
  containers: readonly ContainerInspect[]
  /** Those of the containers. */
  images: readonly ImageInspect[]
  networks: readonly NetworkInspect[]
  volumes: readonly VolumeInspect[]
  /** Bytes of the volumes' content, by name. */
  volumeSizes: ReadonlyMap<string, number>
  /** Files of the guest that are mounted. */
  bound: BoundFilesBySource
}

const container = (id: string) => `/containers/${encodeURIComponent(id)}/json` as const

/** Names of the compose projects of which there is a container, sorted. */
export async function projectsOf(api: EngineApi): Promise<string[]> {
  const all = await api.json('GET', '/containers/json', { query: { all: true } })
  const names = all.map(({ Labels }) => Labels[COMPOSE_LABEL.project])
  return [...new Set(names)].filter((name) => name !== undefined && name !== '').sort() as string[]
}

/** Rejects with the engine's sentence as EngineError, `not-found` when a container goes meanwhile. */
export async function takeInventory(api: EngineApi, selection: Selection): Promise<Inventory> {
  const query = selection.kind === 'project' ? { all: true } : {}
  const listed = await api.json('GET', '/containers/json', { query })
  const chosen = listed.filter(({ Labels }) => isChosen(Labels, selection))
  const containers = await Promise.all(chosen.map(({ Id }) => api.json('GET', container(Id))))
  containers.sort((a, b) => (a.Name < b.Name ? -1 : 1))
  const ids = [...new Set(containers.map(({ Image }) => Image))]
  const [images, networks, { Volumes }] = await Promise.all([
    Promise.all(ids.map((id) => api.json('GET', `/images/${id}/json`))),
    api.json('GET', '/networks'),
    api.json('GET', '/system/df', { query: { type: 'volume' } }),
  ])
  const volumes = Volumes ?? []
  const sizes = volumes.map(({ Name, UsageData }) => [Name, Math.max(0, UsageData?.Size ?? 0)] as const)
  const bound = await readBoundFiles(api, containers)
  return { containers, images, networks, volumes, volumeSizes: new Map(sizes), bound }
}
