/** Whether the engine still has all that it acknowledged, and nothing that it acknowledged to have removed. */
import { expect } from 'vitest'
import type {
  ContainerSummary,
  ImageSummary,
  NetworkInspect,
} from '../../../guest/protocol/api/engine-api.ts'
import type { HeadlessMachine } from '../../../scripts/lib/machine/headless-machine.ts'
import type { ChaosApi } from './chaos-api.ts'
import type { ChaosModel, KeptContainer } from './chaos-model.ts'

const PREDEFINED = ['bridge', 'host', 'none']

/** Files of the guest, by path; a missing one is empty. */
async function contents(machine: HeadlessMachine, paths: readonly string[]): Promise<Map<string, string>> {
  const script = paths.map((path) => `echo "$(cat ${path})"`).join('\n')
  const { stdout } = await machine.exec(script)
  const lines = stdout.split('\n')
  return new Map(paths.map((path, index) => [path, lines[index] ?? '']))
}

/** Where the container's own files are in the guest: nothing of the image's has their names. */
const upper = ({ id }: KeptContainer, path: string) => `/var/lib/docker/overlay2/${id}/diff${path}`

async function checkFiles(machine: HeadlessMachine, models: readonly ChaosModel[]): Promise<void> {
  const ofVolumes = models.flatMap(({ volumes }) =>
    [...volumes].flatMap(([name, files]) =>
      [...files].map(([file, text]) => [`/var/lib/docker/volumes/${name}/_data/${file}`, text] as const),
    ),
  )
  const ofContainers = models.flatMap(({ containers }) =>
    [...containers.values()].flatMap((container) =>
      [...container.files].map(([path, text]) => [upper(container, path), text] as const),
    ),
  )
  const expected = new Map([...ofVolumes, ...ofContainers])
  expect(await contents(machine, [...expected.keys()])).toEqual(expected)
}

async function checkContainers(api: ChaosApi, models: readonly ChaosModel[]): Promise<void> {
  const kept = models.flatMap(({ containers }) => [...containers.values()])
  const found = (await api.look<ContainerSummary[]>('/containers/json?all=1'))!
  const facts = (items: { id: string; name: string; key: string; state: string }[]) =>
    items.map(({ id, name, key, state }) => `${name} ${key} ${state} ${id}`).sort()
  expect(
    facts(
      found.map((one) => ({
        id: one.Id,
        name: one.Names[0]!.slice(1),
        key: one.Labels['key']!,
        state: one.State,
      })),
    ),
  ).toEqual(facts(kept))
  for (const { id, key, memory, networks } of kept) {
    const { HostConfig, NetworkSettings } = (await api.container(id))!
    expect([key, HostConfig.Memory]).toEqual([key, memory])
    const own = Object.keys(NetworkSettings.Networks ?? {}).filter((name) => !PREDEFINED.includes(name))
    expect([key, ...own.sort()]).toEqual([key, ...[...networks].sort()])
  }
}

async function checkNames(api: ChaosApi, models: readonly ChaosModel[]): Promise<void> {
  const volumes = (await api.look<{ Volumes: { Name: string }[] }>('/volumes'))!.Volumes
  const named = volumes.map(({ Name }) => Name).filter((name) => !/^[0-9a-f]{64}$/.test(name))
  expect(named.sort()).toEqual(models.flatMap((model) => [...model.volumes.keys()]).sort())
  const networks = (await api.look<NetworkInspect[]>('/networks'))!.map(({ Name }) => Name)
  expect(networks.filter((name) => !PREDEFINED.includes(name)).sort()).toEqual(
    models.flatMap((model) => [...model.networks]).sort(),
  )
  const images = (await api.look<ImageSummary[]>('/images/json'))!
  const tags = images.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((tag) => `${tag} ${Id}`))
  for (const { tags: kept } of models)
    for (const [tag, id] of kept) expect(tags).toContain(`${tag}:latest ${id}`)
}

export async function checkFacts(
  machine: HeadlessMachine,
  api: ChaosApi,
  models: readonly ChaosModel[],
): Promise<void> {
  await checkContainers(api, models)
  await checkNames(api, models)
  await checkFiles(machine, models)
}
