/**
 * Links of the default bridge, which has no name server (`--link`): a second name for the other container, lines of
 * /etc/hosts, and variables of the environment. On other networks a link comes with the endpoint and is an alias.
 * Source: moby, daemon/links.go, daemon/links/links.go, daemon/container_operations_unix.go.
 */
import type { HostConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { isUserDefined } from '../network/network-records.ts'
import type { Container } from '../state/container.ts'
import type { ContainerLink, ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'

const BRIDGE = 'bridge'

type Containers = Pick<EngineContext, 'containers'>

/** Reads `name`, `name:alias`, or the form that inspect shows: `/name:/parent/alias`. */
export function parseLink(link: string): { name: string; alias: string } {
  if (link === '') throw new EngineError('invalid', 'empty string specified for links')
  const [name = '', alias = name, ...more] = link.split(':')
  if (more.length > 0) throw new EngineError('invalid', `bad format for links: ${link}`)
  if (!name.startsWith('/') || alias === name) return { name, alias }
  return { name: name.slice(1), alias: alias.slice(alias.lastIndexOf('/') + 1) }
}

/**
 * Finds the container of a link. A missing one makes the link invalid; as `not-found`, a client would take it for a
 * missing image.
 */
function linkable({ containers }: Containers, name: string): Container {
  try {
    return containers.find(name)
  } catch (thrown) {
    const { message } = EngineError.from(thrown)
    throw new EngineError('invalid', `could not get container for ${name}: ${message}`, {}, thrown)
  }
}

/** The links of a container to be created; a container in another's network stands for that other. */
export function legacyLinks(context: Containers, { NetworkMode, Links }: HostConfig): ContainerLink[] {
  if (isUserDefined(NetworkMode)) return []
  return (Links ?? []).map((link) => {
    const { name, alias } = parseLink(link)
    let other = linkable(context, name)
    for (let joined = joinedOf(other); joined !== undefined; joined = joinedOf(other))
      other = linkable(context, joined)
    if (other.record.hostConfig.NetworkMode === 'host')
      throw new EngineError(
        'invalid',
        "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
      )
    return { id: other.id, name: other.record.name, alias }
  })
}

const joinedOf = ({ record }: Container): string | undefined =>
  /^container:(.+)$/.exec(record.hostConfig.NetworkMode)?.[1]

const nameNow = ({ containers }: Containers, { id, name }: ContainerLink): string =>
  containers.byId(id)?.record.name ?? name

/** `HostConfig.Links` as inspect shows it: `/other:/own/alias`; null for a container without links. */
export function shownLinks(context: Containers, { name, links }: ContainerRecord): string[] | null {
  if (links === undefined || links.length === 0) return null
  return links.map((link) => `${nameNow(context, link)}:${name}/${link.alias}`)
}

const bridgeAddress = ({ networks }: EngineContext, id: string): string | undefined =>
  networks.settings(id)?.Networks[BRIDGE]?.IPAddress

/**
 * The variables that links give to a process that starts now.
 * @throws EngineError when a linked container does not run, or is not on the default bridge
 */
export function linkedEnvironment(context: EngineContext, record: ContainerRecord): string[] {
  if (record.links === undefined || !(BRIDGE in record.endpoints)) return []
  return record.links.flatMap((link) => {
    const other = context.containers.byId(link.id)
    const name = `${record.name}/${link.alias}`
    if (other?.isRunning !== true)
      throw new EngineError(
        'internal',
        `Cannot link to a non running container: ${nameNow(context, link)} AS ${name}`,
      )
    const address = bridgeAddress(context, link.id)
    if (address === undefined)
      throw new EngineError('internal', `container ${link.id} not attached to default bridge network`)
    return linkVariables({ name, address, record: other.record })
  })
}

interface Port {
  number: number
  protocol: string
}

/** Ports in the order of Docker's variables: TCP first, then by protocol and number. */
function sortedPorts(ports: readonly string[]): Port[] {
  const rank = ({ protocol }: Port) => (protocol === 'tcp' ? '' : protocol)
  return ports
    .map((port): Port => {
      const [number = '', protocol = 'tcp'] = port.split('/')
      return { number: Number(number), protocol }
    })
    .sort((a, b) => (rank(a) === rank(b) ? a.number - b.number : rank(a) < rank(b) ? -1 : 1))
}

function portVariables(alias: string, address: string, { number, protocol }: Port): string[] {
  const prefix = `${alias}_PORT_${number}_${protocol.toUpperCase()}`
  return [
    `${prefix}=${protocol}://${address}:${number}`,
    `${prefix}_ADDR=${address}`,
    `${prefix}_PORT=${number}`,
    `${prefix}_PROTO=${protocol}`,
  ]
}

function rangeVariables(alias: string, address: string, [first, last]: [Port, Port]): string[] {
  const prefix = `${alias}_PORT_${first.number}_${first.protocol.toUpperCase()}`
  return [
    `${prefix}_START=${first.protocol}://${address}:${first.number}`,
    `${prefix}_PORT_START=${first.number}`,
    `${prefix}_END=${last.protocol}://${address}:${last.number}`,
    `${prefix}_PORT_END=${last.number}`,
  ]
}

/**
 * Variables for each port. A run of consecutive ports of one protocol also gets variables of its own, after those of
 * its last port.
 */
function portsVariables(alias: string, address: string, ports: readonly Port[]): string[] {
  let first: Port | undefined
  return ports.flatMap((port, index) => {
    first ??= port
    const next = ports[index + 1]
    const goesOn = next?.number === port.number + 1 && next.protocol === port.protocol
    const range = !goesOn && first !== port ? rangeVariables(alias, address, [first, port]) : []
    if (!goesOn) first = undefined
    return [...portVariables(alias, address, port), ...range]
  })
}

/** Variables that images set for their own processes, and that are of no use to others. */
const NOT_PASSED: readonly string[] = ['HOME', 'PATH']

/**
 * The variables of one link.
 * @param link `name`: `/parent/alias`; `address` and `record`: of the container that is linked to
 */
export function linkVariables(link: {
  name: string
  address: string
  record: Pick<ContainerRecord, 'config'>
}): string[] {
  const { name, address, record } = link
  const alias = name
    .slice(name.lastIndexOf('/') + 1)
    .toUpperCase()
    .replaceAll('-', '_')
  const ports = sortedPorts(Object.keys(record.config.ExposedPorts ?? {}))
  const main = ports.slice(0, 1).map((port) => `${alias}_PORT=${port.protocol}://${address}:${port.number}`)
  const environment = (record.config.Env ?? [])
    .filter((entry) => entry.includes('=') && !NOT_PASSED.includes(entry.slice(0, entry.indexOf('='))))
    .map((entry) => `${alias}_ENV_${entry}`)
  return [...main, ...portsVariables(alias, address, ports), `${alias}_NAME=${name}`, ...environment]
}
