/** The containers of a project, found by their labels. */
import { formatFilters } from '../../../../vocabulary/filters.ts'
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { EngineApi } from '../../../../vocabulary/engine-client/engine-api.ts'
import { byText } from '../model/yaml/tree.ts'
import { LABEL } from './labels.ts'

export type OneOff = 'include' | 'exclude' | 'only'

export interface ContainerQuery {
  oneOff: OneOff
  /** Includes stopped containers. */
  all: boolean
  services?: readonly string[]
  /** Selects one container of a service that has several. */
  index?: number
}

export async function listContainers(
  api: EngineApi,
  project: string,
  { oneOff, all, services = [], index = 0 }: ContainerQuery,
): Promise<ContainerSummary[]> {
  const label = [`${LABEL.project}=${project}`, LABEL.configHash]
  if (services.length === 1) label.push(`${LABEL.service}=${services[0]!}`)
  if (oneOff !== 'include') label.push(`${LABEL.oneOff}=${oneOff === 'only' ? 'True' : 'False'}`)
  if (index > 0) label.push(`${LABEL.number}=${index}`)
  const query = { all: all ? 1 : undefined, filters: formatFilters({ label }) }
  const containers = await api.json('GET', '/containers/json', { query })
  return services.length > 1 ? containers.filter(isOf(services)) : containers
}

export const serviceOf = ({ Labels }: ContainerSummary): string => Labels[LABEL.service] ?? ''

export const numberOf = ({ Labels }: ContainerSummary): number => Number(Labels[LABEL.number] ?? 'NaN')

export const isOf =
  (services: readonly string[]) =>
  (container: ContainerSummary): boolean =>
    services.includes(serviceOf(container))

export const isNotOneOff = ({ Labels }: ContainerSummary): boolean =>
  (Labels[LABEL.oneOff] ?? 'False') === 'False'

/** The container's name without the slash; links add further names, with more slashes. */
export function containerName({ Id, Names }: Pick<ContainerSummary, 'Id' | 'Names'>): string {
  if (Names.length === 0) return Id.slice(0, 12)
  return (Names.find((name) => name.lastIndexOf('/') === 0) ?? Names[0]!).slice(1)
}

/** `web-1` for `project-web-1`; a name given in the file stays whole. */
export function nameWithoutProject(container: Pick<ContainerSummary, 'Id' | 'Names' | 'Labels'>): string {
  const { Labels } = container
  const project = Labels[LABEL.project] ?? ''
  const usual = [project, Labels[LABEL.service], Labels[LABEL.number]].join('-')
  const name = containerName(container)
  return name === usual ? name.slice(project.length + 1) : name
}

export const byContainerName = (a: ContainerSummary, b: ContainerSummary): number =>
  byText(containerName(a), containerName(b))

/** @throws CliError `service "x" is not running` */
export async function oneContainer(
  api: EngineApi,
  project: string,
  service: string,
  query: { oneOff: OneOff; all: boolean; index: number },
): Promise<ContainerSummary> {
  const containers = await listContainers(api, project, { ...query, services: [service] })
  const first = containers.sort((a, b) => numberOf(a) - numberOf(b))[0]
  if (first !== undefined) return first
  const name = JSON.stringify(service)
  throw new CliError(
    query.index > 0
      ? `service ${name} is not running container #${query.index}`
      : `service ${name} is not running`,
  )
}
