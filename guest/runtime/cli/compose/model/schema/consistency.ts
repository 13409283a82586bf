/**
 * Checks that services refer only to services and resources that exist and agree with them (compose-go's
 * checkConsistency).
 */
import { invalidProject, ModelError } from '../compose-error.ts'
import type { Project } from '../project.ts'
import type { Service } from '../types.ts'

const quote = (name: string): string => JSON.stringify(name)

function checkBuild(name: string, { build, image, platform }: Service): void {
  if (build === undefined && image === undefined) {
    throw invalidProject(`service ${quote(name)} has neither an image nor a build context specified`)
  }
  if (build?.dockerfile_inline !== undefined && build.dockerfile !== undefined) {
    throw invalidProject(`service ${quote(name)} declares mutualy exclusive dockerfile and dockerfile_inline`)
  }
  const platforms = build?.platforms ?? []
  if (platforms.length > 0 && platform !== undefined && !platforms.includes(platform)) {
    throw invalidProject(`service.build.platforms MUST include service.platform ${quote(platform)}`)
  }
}

function checkReferences(name: string, service: Service, project: Project): void {
  const undefinedResource = (what: string, resource: string): ModelError =>
    invalidProject(`service ${quote(name)} refers to undefined ${what} ${resource}`)
  for (const network of Object.keys(service.networks ?? {})) {
    if (!(network in project.networks)) throw undefinedResource('network', network)
  }
  checkHealth(service)
  for (const [dependency, { required }] of Object.entries(service.depends_on ?? {})) {
    if (dependency in project.services || (dependency in project.disabled && !required)) continue
    throw invalidProject(`service ${quote(name)} depends on undefined service ${quote(dependency)}`)
  }
  for (const { type, source } of service.volumes ?? []) {
    if (type === 'volume' && source !== undefined && !(source in project.volumes))
      throw undefinedResource('volume', source)
  }
  for (const { source } of service.build?.secrets ?? []) {
    if (!(source in project.secrets)) throw undefinedResource('build secret', source)
  }
  for (const { source } of service.configs ?? []) {
    if (!(source in project.configs)) throw undefinedResource('config', source)
  }
  for (const { source } of service.secrets ?? []) {
    if (!(source in project.secrets)) throw undefinedResource('secret', source)
  }
}

function checkHealth({ healthcheck }: Service): void {
  const first = healthcheck?.test?.[0]
  if (first !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(first)) {
    throw new ModelError('healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"')
  }
}

/** Refuses an old key that contradicts the one of `deploy`. */
function checkDuplicates(name: string, service: Service): void {
  const { deploy } = service
  if (deploy === undefined) return
  const differ = (old: string, path: string): ModelError =>
    invalidProject(`services.${name}: can't set distinct values on '${old}' and '${path}'`)
  const { limits, reservations } = deploy.resources
  if (service.scale !== undefined && deploy.replicas !== undefined && service.scale !== deploy.replicas)
    throw differ('scale', 'deploy.replicas')
  const pairs: [string, unknown, object | undefined, unknown, string][] = [
    ['cpus', service.cpus, limits, limits?.cpus, 'deploy.resources.limits.cpus'],
    ['mem_limit', service.mem_limit, limits, limits?.memory, 'deploy.resources.limits.memory'],
    [
      ...(['mem_reservation', service.mem_reservation, reservations, reservations?.memory] as const),
      'deploy.resources.reservations.memory',
    ],
    ['pids_limit', service.pids_limit, limits, limits?.pids, 'deploy.resources.limits.pids'],
  ]
  for (const [old, value, section, other, path] of pairs) {
    if (value !== undefined && section !== undefined && value !== other) throw differ(old, path)
  }
}

function checkScale(name: string, service: Service): void {
  const scale = service.scale ?? service.deploy?.replicas ?? 1
  if (scale <= 1 || service.container_name === undefined) return
  const key = service.scale === undefined ? 'deploy.replicas' : 'scale'
  throw invalidProject(
    `services.${key}: can't set container_name and ${name} as container name must be unique`,
  )
}

function checkCycles(project: Project): void {
  const visit = (path: readonly string[], name: string): void => {
    for (const next of Object.keys(project.services[name]?.depends_on ?? {})) {
      const at = path.indexOf(next)
      if (at >= 0)
        throw new ModelError(`dependency cycle detected: ${[...path.slice(at), next].join(' -> ')}`)
      visit([...path, next], next)
    }
  }
  for (const name of Object.keys(project.services)) visit([name], name)
}

/** @throws ModelError */
export function checkConsistency(project: Project): void {
  for (const [name, service] of Object.entries(project.services)) {
    checkBuild(name, service)
    if (service.network_mode !== undefined && Object.keys(service.networks ?? {}).length > 0) {
      throw invalidProject(`service ${name} declares mutually exclusive \`network_mode\` and \`networks\``)
    }
    checkReferences(name, service, project)
    checkDuplicates(name, service)
    checkScale(name, service)
  }
  checkCycles(project)
}
