/** Adds what a compose file leaves unsaid: the default network, names, and the dependencies that other keys imply. */
import { posix } from 'node:path'
import { isDict, type Dict } from './yaml/tree.ts'

type Environment = Readonly<Record<string, string>>

const section = (dict: Dict, name: string): Dict => (isDict(dict[name]) ? dict[name] : {})

function normalizeNetworks(dict: Dict): void {
  const networks = section(dict, 'networks')
  let usesDefault = false
  for (const service of Object.values(section(dict, 'services'))) {
    if (!isDict(service) || 'network_mode' in service) continue
    const given = service.networks
    if (!isDict(given) || Object.keys(given).length === 0) {
      service.networks = { default: null }
      usesDefault = true
    } else if ('default' in given) usesDefault = true
  }
  if (usesDefault && !('default' in networks)) networks.default = null
  if (Object.keys(networks).length > 0) dict.networks = networks
}

/** Gives names without a value the environment's; `keep` decides whether those that it lacks stay. */
function resolveNames(value: unknown, environment: Environment, keep: boolean): unknown {
  if (isDict(value)) {
    const entries = Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
      if (item !== null) return [[name, item]]
      return name in environment ? [[name, environment[name]]] : keep ? [[name, null]] : []
    })
    return Object.fromEntries(entries)
  }
  if (!Array.isArray(value)) return value
  return (value as string[]).flatMap((entry) => {
    if (entry.includes('=')) return [entry]
    return entry in environment ? [`${entry}=${environment[entry]!}`] : keep ? [entry] : []
  })
}

function normalizeBuild(service: Dict, environment: Environment): void {
  if (!isDict(service.build)) return
  const { build } = service
  build.context ??= '.'
  if (build.dockerfile_inline === undefined) build.dockerfile ??= 'Dockerfile'
  if (build.args !== undefined) build.args = resolveNames(build.args, environment, false)
}

const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']

/** `links`, shared namespaces and `volumes_from` make the other service a dependency. */
function impliedDependencies(service: Dict): Dict {
  const dependencies = section(service, 'depends_on')
  const add = (name: string, restart: boolean): void => {
    dependencies[name] ??= { condition: 'service_started', restart, required: true }
  }
  for (const link of (service.links ?? []) as string[]) add(link.split(':')[0]!, true)
  for (const namespace of NAMESPACES) {
    const mode = service[namespace]
    if (typeof mode === 'string' && mode.startsWith('service:')) add(mode.slice('service:'.length), true)
  }
  for (const from of (service.volumes_from ?? []) as string[]) {
    if (!from.startsWith('container:')) add(from.split(':')[0]!, false)
  }
  return dependencies
}

function normalizeService(service: Dict, environment: Environment): void {
  if (service.pull_policy === 'if_not_present') service.pull_policy = 'missing'
  normalizeBuild(service, environment)
  if (service.environment !== undefined)
    service.environment = resolveNames(service.environment, environment, true)
  for (const volume of (service.volumes ?? []) as unknown[]) {
    if (isDict(volume) && typeof volume.target === 'string')
      volume.target = posix.normalize(volume.target).replace(/(.)\/$/, '$1')
  }
  const dependencies = impliedDependencies(service)
  if (Object.keys(dependencies).length > 0) service.depends_on = dependencies
}

/** Sets the name `project_name`; an external resource keeps its own name. */
function nameResources(dict: Dict, projectName: string): void {
  for (const kind of ['networks', 'volumes', 'configs', 'secrets']) {
    const resources = section(dict, kind)
    for (const [key, value] of Object.entries(resources)) {
      const resource = isDict(value) ? value : {}
      const outside = resource.external === true || resource.external === 'true'
      resource.name ??= outside ? key : `${projectName}_${key}`
      resources[key] = resource
    }
  }
}

/** Changes the tree. */
export function normalize(dict: Dict, projectName: string, environment: Environment): void {
  normalizeNetworks(dict)
  for (const service of Object.values(section(dict, 'services'))) {
    if (isDict(service)) normalizeService(service, environment)
  }
  nameResources(dict, projectName)
}
