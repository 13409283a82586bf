/** A loaded project. Narrows it to profiles and to the services that a command names. */
import { CliError } from '../../shared/cli-error.ts'
import { byText } from './yaml/tree.ts'
import type { Dependency, Labels, ProjectModel, Service } from './types.ts'

export interface Project extends ProjectModel {
  name: string
  workingDir: string
  composeFiles: string[]
  environment: Readonly<Record<string, string>>
  profiles: string[]
  /** Services whose profile isn't active, or that were left out. */
  disabled: Record<string, Service>
  /** Service → the labels `com.docker.compose.…` that its containers get beside the service's own. */
  customLabels: Record<string, Labels>
}

export const serviceNames = ({ services }: Pick<Project, 'services'>): string[] =>
  Object.keys(services).sort(byText)

export const scaleOf = ({ scale, deploy }: Service): number => scale ?? deploy?.replicas ?? 1

/** @throws CliError `no such service: x` */
export function getService(project: Project, name: string): Service {
  const service = project.services[name]
  if (service !== undefined) return service
  throw new CliError(`no such service: ${name}${name in project.disabled ? ': disabled' : ': not found'}`)
}

function hasProfile({ profiles = [] }: Service, active: readonly string[]): boolean {
  return profiles.length === 0 || active.includes('*') || profiles.some((name) => active.includes(name))
}

export function withProfiles(project: Project, profiles: readonly string[]): Project {
  const services: Record<string, Service> = {}
  const disabled: Record<string, Service> = {}
  const all = { ...project.services, ...project.disabled }
  for (const name of Object.keys(all).sort(byText)) {
    const service = all[name]!
    if (hasProfile(service, profiles)) services[name] = service
    else disabled[name] = service
  }
  return { ...project, services, disabled, profiles: [...profiles] }
}

/** Naming a service activates its profiles. */
export function profilesFor(project: Project, names: readonly string[]): string[] {
  const more = names.flatMap((name) =>
    name in project.services ? [] : (project.disabled[name]?.profiles ?? []),
  )
  return [...project.profiles, ...more]
}

/** Removes the networks, volumes, secrets and configs that no service uses. */
export function withoutUnnecessaryResources(project: Project): Project {
  const services = Object.values(project.services)
  const pick = <T>(all: Record<string, T>, used: (service: Service) => string[]): Record<string, T> => {
    const names = new Set(services.flatMap(used))
    return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)))
  }
  const sources = (list: readonly { source: string }[] | undefined): string[] =>
    (list ?? []).map(({ source }) => source)
  return {
    ...project,
    networks: pick(project.networks, (service) => Object.keys(service.networks ?? {})),
    volumes: pick(project.volumes, ({ volumes = [] }) =>
      volumes.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? [source] : [])),
    ),
    secrets: pick(project.secrets, (service) => [
      ...sources(service.secrets),
      ...sources(service.build?.secrets),
    ]),
    configs: pick(project.configs, (service) => sources(service.configs)),
  }
}

export type DependencyPolicy = 'dependencies' | 'dependents' | 'none'

function neighbours(project: Project, name: string, policy: DependencyPolicy): Record<string, Dependency> {
  if (policy === 'none') return {}
  if (policy === 'dependencies') return project.services[name]!.depends_on ?? {}
  const dependents = Object.entries(project.services).flatMap(([other, { depends_on: on }]) => {
    const dependency = on?.[name]
    return dependency === undefined ? [] : [[other, dependency] as const]
  })
  return Object.fromEntries(dependents)
}

/** The named services and those that the policy adds; dependencies first. @throws CliError */
export function reachableServices(
  project: Project,
  names: readonly string[],
  policy: DependencyPolicy,
): string[] {
  const order: string[] = []
  const seen = new Set<string>()
  const visit = (name: string, required: boolean): void => {
    if (!(name in project.services)) {
      if (required) throw new CliError(`no such service: ${name}`)
      return
    }
    if (seen.has(name)) return
    seen.add(name)
    for (const [next, dependency] of Object.entries(neighbours(project, name, policy)))
      visit(next, dependency.required)
    order.push(name)
  }
  for (const name of names.length === 0 ? serviceNames(project) : names) visit(name, true)
  return order
}

/** Keeps only these services; without names it keeps all. @throws CliError `no such service: x` */
export function withSelectedServices(
  project: Project,
  names: readonly string[],
  policy: DependencyPolicy = 'dependencies',
): Project {
  if (names.length === 0) return project
  const selected = new Set(reachableServices(project, names, policy))
  const services: Record<string, Service> = {}
  const disabled = { ...project.disabled }
  for (const [name, service] of Object.entries(project.services)) {
    if (!selected.has(name)) {
      disabled[name] = service
      continue
    }
    const kept = Object.entries(service.depends_on ?? {}).filter(([other]) => selected.has(other))
    services[name] = service.depends_on === undefined ? service : withDependencies(service, kept)
  }
  return { ...project, services, disabled }
}

/** Leaves out an empty map of dependencies: it must not count in the hash. */
export function withDependencies(service: Service, entries: readonly [string, Dependency][]): Service {
  const { depends_on: _, ...rest } = service
  if (entries.length === 0) return rest
  return { ...service, depends_on: Object.fromEntries(entries) }
}
