/** What things are called in a compose file: the project, its services, networks and volumes. */
import type { ContainerInspect } from '../../../guest/protocol/api/engine-api.ts'
import { COMPOSE_LABEL } from './compose-labels.ts'
import type { Selection } from './selection.ts'

/** Used when containers of no project, or of several, are taken together. */
const OTHER_PROJECT = 'porthole'

const PROJECT = /^[a-z0-9][a-z0-9_-]*$/
/** As the Compose specification has the keys of services, networks and volumes; `x-` begins an extension. */
const KEY = /^(?!x-)[a-zA-Z0-9._-]+$/

/** A key that Compose takes: other signs become `-`. */
export function composeKey(name: string): string {
  if (KEY.test(name)) return name
  const key = name.replaceAll(/[^a-zA-Z0-9._-]+/g, '-').replace(/^x-/, 'x_')
  return key.replaceAll('-', '') === '' ? 'unnamed' : key
}

/** Makes the key one that `taken` does not have yet, and adds it. */
export function unusedKey(wanted: string, taken: Set<string>): string {
  let key = wanted
  for (let number = 2; taken.has(key); number++) key = `${wanted}-${number}`
  taken.add(key)
  return key
}

const label = (container: ContainerInspect, name: keyof typeof COMPOSE_LABEL): string | undefined =>
  container.Config.Labels?.[COMPOSE_LABEL[name]]

/** A container's name without its slash. */
export const containerName = ({ Name }: ContainerInspect): string => Name.replace(/^\//, '')

/** The project that was chosen, or the one to which all of the containers belong. */
export function projectName(containers: readonly ContainerInspect[], selection: Selection): string {
  const names = new Set(containers.map((container) => label(container, 'project') ?? ''))
  const [first = ''] = selection.kind === 'project' ? [selection.name] : names.size === 1 ? names : []
  return PROJECT.test(first) ? first : OTHER_PROJECT
}

/** A service of the compose file, and the containers that it had here, in the order of their numbers. */
export interface TakenService {
  key: string
  containers: [ContainerInspect, ...ContainerInspect[]]
  /** Whether Compose made its containers, and so gave them their names. */
  ofCompose: boolean
}

/** Containers of one service of one project are its replicas; any other container is a service of its own name. */
export function servicesOf(containers: readonly ContainerInspect[]): TakenService[] {
  const groups = new Map<string, TakenService>()
  const keys = new Set<string>()
  const number = (container: ContainerInspect) => Number(label(container, 'number') ?? 0) || 0
  for (const container of [...containers].sort((a, b) => number(a) - number(b))) {
    const [project, service] = [label(container, 'project'), label(container, 'service')]
    const ofCompose = project !== undefined && service !== undefined && KEY.test(service)
    const group = ofCompose ? JSON.stringify([project, service]) : container.Id
    const known = groups.get(group)
    if (known !== undefined) known.containers.push(container)
    else {
      const key = unusedKey(composeKey(ofCompose ? service : containerName(container)), keys)
      groups.set(group, { key, containers: [container], ofCompose })
    }
  }
  return [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}
