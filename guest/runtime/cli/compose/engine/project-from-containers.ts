/** Reconstructs a project without its files from the labels of its containers, networks and volumes. */
import { formatFilters } from '../../../../vocabulary/filters.ts'
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { EngineApi } from '../../../../vocabulary/engine-client/engine-api.ts'
import { withSelectedServices, type Project } from '../model/project.ts'
import { byText } from '../model/yaml/tree.ts'
import type { Dependency, DependencyCondition, Service } from '../model/types.ts'
import { serviceOf } from './containers.ts'
import { LABEL } from './labels.ts'

function dependenciesOf(label: string): Record<string, Dependency> {
  return Object.fromEntries(
    label.split(',').map((entry) => {
      const [name, condition = 'running_or_healthy', restart = 'true'] = entry.split(':')
      return [
        name!,
        { condition: condition as DependencyCondition, restart: restart === 'true', required: true },
      ]
    }),
  )
}

function servicesOf(containers: readonly ContainerSummary[]): Record<string, Service> {
  const services: Record<string, Service> = {}
  for (const container of containers) {
    const name = serviceOf(container)
    const dependencies = container.Labels[LABEL.dependsOn] ?? ''
    services[name] ??= {
      ...{ command: null, entrypoint: null, image: container.Image, labels: container.Labels, scale: 0 },
      ...(dependencies !== '' && { depends_on: dependenciesOf(dependencies) }),
    }
    services[name].scale! += 1
  }
  return Object.fromEntries(Object.entries(services).sort(([a], [b]) => byText(a, b)))
}

const emptyProject = (name: string): Project => ({
  name,
  workingDir: '',
  composeFiles: [],
  environment: {},
  profiles: [],
  services: {},
  disabled: {},
  customLabels: {},
  networks: {},
  volumes: {},
  secrets: {},
  configs: {},
})

/** @throws CliError when there is no such project, or no such service in it */
export function projectFromContainers(
  containers: readonly ContainerSummary[],
  name: string,
  services: readonly string[] = [],
): Project {
  if (containers.length === 0)
    throw new CliError(`no container found for project ${JSON.stringify(name)}: not found`)
  const project = { ...emptyProject(name), services: servicesOf(containers) }
  const missing = services.find((service) => !(service in project.services))
  if (missing !== undefined) throw new CliError(`no such service: ${JSON.stringify(missing)}: not found`)
  return withSelectedServices(project, services)
}

/** Adds the networks and volumes that carry the project's label; a project without containers is no error. */
export async function projectWithResources(
  api: EngineApi,
  containers: readonly ContainerSummary[],
  name: string,
): Promise<Project> {
  const query = { filters: formatFilters({ label: [`${LABEL.project}=${name}`] }) }
  const networks = await api.json('GET', '/networks', { query })
  const { Volumes } = await api.json('GET', '/volumes', { query })
  return {
    ...emptyProject(name),
    services: servicesOf(containers),
    networks: Object.fromEntries(
      networks.map(({ Name, Labels }) => [Labels?.[LABEL.network] ?? Name, { name: Name, ipam: {} }]),
    ),
    volumes: Object.fromEntries(
      (Volumes ?? []).map(({ Name, Labels }) => [Labels?.[LABEL.volume] ?? Name, { name: Name }]),
    ),
  }
}
