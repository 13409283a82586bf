/** Makes the project's networks and volumes when they are missing; `down` removes them. */
import { formatFilters } from '../../../../../vocabulary/filters.ts'
import type { NetworkInspect } from '../../../../../protocol/api/engine-api.ts'
import { CliError } from '../../../shared/cli-error.ts'
import { ApiError, isNotFound } from '../../../shared/api-error.ts'
import type { EngineApi } from '../../../../../vocabulary/engine-client/engine-api.ts'
import { messageOf } from '../../../shared/for-each.ts'
import type { Project } from '../../model/project.ts'
import type { ProjectNetwork, ProjectVolume } from '../../model/types.ts'
import { COMPOSE_VERSION } from '../../version.ts'
import { LABEL } from '../labels.ts'
import { done, failed, warned, working, type Progress } from '../output/progress-events.ts'

export interface Tools {
  api: EngineApi
  progress: Progress
  warn: (message: string) => void
}

const labelsFor = (
  kind: 'network' | 'volume',
  key: string,
  project: string,
  own: Record<string, string> = {},
): Record<string, string> => ({
  ...own,
  [LABEL[kind]]: key,
  [LABEL.project]: project,
  [LABEL.version]: COMPOSE_VERSION,
})

async function inspected<T>(calling: Promise<T>): Promise<T | undefined> {
  try {
    return await calling
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const path = <Kind extends 'networks' | 'volumes'>(kind: Kind, name: string) =>
  `/${kind}/${encodeURIComponent(name)}` as const

/** @returns the network's name, or the id of an external network. @throws CliError, ApiError */
async function ensureNetwork(
  key: string,
  network: ProjectNetwork,
  project: string,
  tools: Tools,
): Promise<string> {
  const { api, warn } = tools
  const found = await inspected(api.json('GET', path('networks', network.name)))
  if (network.external === true) {
    if (found !== undefined) return found.Id
    const { Swarm } = await api.json('GET', '/info')
    if ((Swarm.LocalNodeState as string) === 'active') return network.name
    throw new CliError(`network ${network.name} declared as external, but could not be found`)
  }
  if (found === undefined) {
    await createNetwork(key, network, project, tools)
    return network.name
  }
  const owner = found.Labels?.[LABEL.project]
  const advice = 'Set `external: true` to use an existing network'
  if (owner === undefined) {
    warn(`a network with name ${network.name} exists but was not created by compose.\n${advice}`)
  } else if (owner !== project) {
    warn(
      `a network with name ${network.name} exists but was not created for project "${project}".\n${advice}`,
    )
  }
  const label = found.Labels?.[LABEL.network] ?? ''
  if (label !== key) {
    throw new CliError(
      `network ${network.name} was found but has incorrect label ${LABEL.network} set to "${label}"`,
    )
  }
  return network.name
}

async function createNetwork(
  key: string,
  network: ProjectNetwork,
  project: string,
  { api, progress }: Tools,
): Promise<void> {
  const { driver, config = [] } = network.ipam
  const json = {
    Name: network.name,
    CheckDuplicate: true,
    Driver: network.driver ?? '',
    Options: network.driver_opts ?? null,
    Internal: network.internal === true,
    Attachable: network.attachable === true,
    Labels: labelsFor('network', key, project, network.labels),
    ...(network.enable_ipv4 !== undefined && { EnableIPv4: network.enable_ipv4 }),
    ...(network.enable_ipv6 !== undefined && { EnableIPv6: network.enable_ipv6 }),
    ...((driver !== undefined || config.length > 0) && {
      IPAM: {
        Driver: driver ?? '',
        Config: config.map((pool) => ({
          Subnet: pool.subnet,
          IPRange: pool.ip_range,
          Gateway: pool.gateway,
          AuxiliaryAddresses: pool.aux_addresses,
        })),
      },
    }),
  }
  const event = `Network ${network.name}`
  progress.event(working(event, 'Creating'))
  try {
    await api.run('POST', '/networks/create', { json })
  } catch (error) {
    progress.event(failed(event))
    throw new CliError(`failed to create network ${network.name}: ${messageOf(error)}`)
  }
  progress.event(done(event, 'Created'))
}

/** Replaces the names of external networks by their ids. */
export async function ensureNetworks(project: Project, tools: Tools): Promise<void> {
  for (const [key, network] of Object.entries(project.networks)) {
    project.networks[key] = { ...network, name: await ensureNetwork(key, network, project.name, tools) }
  }
}

export async function ensureVolumes({ volumes, name }: Project, tools: Tools): Promise<void> {
  for (const [key, volume] of Object.entries(volumes)) await ensureVolume(key, volume, name, tools)
}

async function ensureVolume(
  key: string,
  volume: ProjectVolume,
  project: string,
  tools: Tools,
): Promise<void> {
  const found = await inspected(tools.api.json('GET', path('volumes', volume.name)))
  const name = JSON.stringify(volume.name)
  if (found === undefined) {
    if (volume.external === true) throw new CliError(`external volume ${name} not found`)
    return createVolume(key, volume, project, tools)
  }
  if (volume.external === true) return
  const owner = found.Labels?.[LABEL.project]
  const advice = 'Use `external: true` to use an existing volume'
  if (owner === undefined) {
    tools.warn(`volume ${name} already exists but was not created by Docker Compose. ${advice}`)
  } else if (owner !== project) {
    tools.warn(
      `volume ${name} already exists but was created for project "${owner}" (expected "${project}"). ${advice}`,
    )
  }
}

async function createVolume(
  key: string,
  volume: ProjectVolume,
  project: string,
  { api, progress }: Tools,
): Promise<void> {
  const event = `Volume ${JSON.stringify(volume.name)}`
  progress.event(working(event, 'Creating'))
  try {
    await api.run('POST', '/volumes/create', {
      json: {
        Name: volume.name,
        Driver: volume.driver ?? '',
        DriverOpts: volume.driver_opts ?? null,
        Labels: labelsFor('volume', key, project, volume.labels),
      },
    })
  } catch (error) {
    progress.event(failed(event))
    throw error
  }
  progress.event(done(event, 'Created'))
}

/** Removes the networks that carry the project's label, unless containers still use them. */
export async function removeNetworks(project: Project, { api, progress }: Tools): Promise<void> {
  const own = Object.entries(project.networks).filter(([, { external }]) => external !== true)
  await Promise.all(
    own.map(async ([key, { name }]) => {
      const label = [`${LABEL.project}=${project.name}`, `${LABEL.network}=${key}`]
      const query = { filters: formatFilters({ label }) }
      const networks = await api.json('GET', '/networks', { query })
      if (networks.length === 0) return
      const event = `Network ${name}`
      progress.event(working(event, 'Removing'))
      const network = networks.find(({ Name }) => Name === name)
      if (network === undefined) return progress.event(warned(event, 'No resource found to remove'))
      await removeNetwork(network, event, { api, progress })
    }),
  )
}

async function removeNetwork(
  { Id, Name }: NetworkInspect,
  event: string,
  { api, progress }: Pick<Tools, 'api' | 'progress'>,
): Promise<void> {
  const found = await inspected(api.json('GET', path('networks', Id)))
  if (found === undefined) return progress.event(warned(event, 'No resource found to remove'))
  if (Object.keys(found.Containers ?? {}).length > 0)
    return progress.event(warned(event, 'Resource is still in use'))
  try {
    await api.run('DELETE', path('networks', Id))
  } catch (error) {
    if (isNotFound(error)) return progress.event(warned(event, 'No resource found to remove'))
    progress.event(failed(event))
    throw new CliError(`failed to remove network ${Name}: ${messageOf(error)}`)
  }
  progress.event(done(event, 'Removed'))
}

/** Runs `remove`: an object still in use is a warning, and one that is gone is no failure. */
export async function removing(
  event: string,
  progress: Progress,
  remove: () => Promise<void>,
): Promise<void> {
  progress.event(working(event, 'Removing'))
  try {
    await remove()
    progress.event(done(event, 'Removed'))
  } catch (error) {
    if (isNotFound(error)) progress.event(done(event, 'Warning: No resource found to remove'))
    else if (error instanceof ApiError && error.status === 409)
      progress.event(warned(event, 'Resource is still in use'))
    else throw error
  }
}

export async function removeVolumes(project: Project, { api, progress }: Tools): Promise<void> {
  const own = Object.values(project.volumes).filter(({ external }) => external !== true)
  await Promise.all(
    own.map(({ name }) =>
      removing(`Volume ${name}`, progress, () =>
        api.run('DELETE', path('volumes', name), { query: { force: 1 } }),
      ),
    ),
  )
}
