/** Published ports: what a request asks for, and which host ports it gets. Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import type { PortMap } from '../../../protocol/api/engine-api.ts'
import type { FirewallPort, PortProtocol } from './plan/firewall.ts'
import { formatAddress, parseAddress } from './address/ipv4.ts'

/** One binding asked for; `from`–`to` is the range of acceptable host ports (0–0: any ephemeral one). */
export interface PortRequest {
  protocol: PortProtocol
  port: number
  hostAddress: number
  from: number
  to: number
}

/** A host port in use, whoever has it. */
export type TakenPort = Pick<FirewallPort, 'protocol' | 'hostAddress' | 'hostPort'>
/** A port given to a container whose address is not known yet. */
export type PublishedPort = Omit<FirewallPort, 'address'>

/** net.ipv4.ip_local_port_range, from which Docker gives ephemeral ports. */
const EPHEMERAL = { from: 32768, to: 60999 } as const

/** `80`, `80/tcp`, `53/udp`. Throws EngineError `invalid`. */
export function parsePort(text: string): { port: number; protocol: PortProtocol } {
  const match = /^(\d{1,5})(?:\/(\w+))?$/.exec(text)
  const protocol = (match?.[2] ?? 'tcp').toLowerCase()
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') {
    throw new EngineError('invalid', `invalid proto: ${protocol}`)
  }
  const port = Number(match?.[1])
  if (!(port > 0 && port < 65536)) throw new EngineError('invalid', `invalid port specification: "${text}"`)
  return { port, protocol }
}

function parseHostPort(text: string): { from: number; to: number } {
  if (text === '') return { from: 0, to: 0 }
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  const from = Number(match?.[1])
  const to = Number(match?.[2] ?? from)
  if (match === null || from > 65535 || to > 65535 || to < from) {
    throw new EngineError('invalid', `invalid port specification: "${text}"`)
  }
  return { from, to }
}

/** Bindings in the order of container ports, then exposed ports when all are to be published. */
export function portRequests(
  bindings: PortMap,
  exposed: readonly string[],
  publishAll: boolean,
  defaultHostAddress: number,
): PortRequest[] {
  const requests: PortRequest[] = []
  for (const key of Object.keys(bindings).sort(byPort)) {
    for (const binding of bindings[key] ?? []) {
      const hostAddress = binding.HostIp ? parseAddress(binding.HostIp) : defaultHostAddress
      // An IPv6 binding beside an IPv4 one is what clients send for "all addresses"; there is no IPv6 to bind.
      if (hostAddress === undefined && binding.HostIp.includes(':')) continue
      if (hostAddress === undefined) throw new EngineError('invalid', `invalid IP address: ${binding.HostIp}`)
      requests.push({ ...parsePort(key), hostAddress, ...parseHostPort(binding.HostPort ?? '') })
    }
  }
  if (!publishAll) return requests
  const bound = new Set(requests.map(({ port, protocol }) => `${port}/${protocol}`))
  const rest = [...new Set(exposed.map((text) => portKey(parsePort(text))))].filter((key) => !bound.has(key))
  return requests.concat(
    rest.sort(byPort).map((key) => ({ ...parsePort(key), hostAddress: defaultHostAddress, from: 0, to: 0 })),
  )
}

export function portKey(port: { port: number; protocol: string }): string {
  return `${port.port}/${port.protocol}`
}

function byPort(a: string, b: string): number {
  return parseInt(a, 10) - parseInt(b, 10) || (a < b ? -1 : 1)
}

function clashes(a: TakenPort, b: TakenPort): boolean {
  return (
    a.protocol === b.protocol &&
    a.hostPort === b.hostPort &&
    (a.hostAddress === b.hostAddress || a.hostAddress === 0 || b.hostAddress === 0)
  )
}

/**
 * Host ports for all requests, or none: throws EngineError `internal` (Docker answers 500) in Docker's words.
 * `cursor` is where the search for an ephemeral port begins, so that a port just freed is not given at once.
 */
export function allocatePorts(
  requests: readonly PortRequest[],
  taken: readonly TakenPort[],
  cursor: number = EPHEMERAL.from,
): PublishedPort[] {
  const given: PublishedPort[] = []
  for (const { from, to, ...rest } of requests) {
    const isFree = (hostPort: number) =>
      ![...taken, ...given].some((other) => clashes({ ...rest, hostPort }, other))
    const hostPort = firstOf(from, to, cursor, isFree)
    if (hostPort === undefined) throw noPort(rest.hostAddress, from, to)
    given.push({ ...rest, hostPort })
  }
  return given
}

function firstOf(
  from: number,
  to: number,
  cursor: number,
  isFree: (port: number) => boolean,
): number | undefined {
  const range = from > 0 ? { from, to } : EPHEMERAL
  const length = range.to - range.from + 1
  const start = from === 0 && cursor >= range.from && cursor <= range.to ? cursor - range.from : 0
  for (let step = 0; step < length; step++) {
    const port = range.from + ((start + step) % length)
    if (isFree(port)) return port
  }
  return undefined
}

function noPort(hostAddress: number, from: number, to: number): EngineError {
  if (from === to && from > 0) {
    const where = `${formatAddress(hostAddress)}:${from}`
    return new EngineError('internal', `Bind for ${where} failed: port is already allocated`, { port: from })
  }
  return new EngineError('internal', 'all ports are allocated', { from, to })
}

/** As `NetworkSettings.Ports` shows them; exposed ports that are not published are null. */
export function portMap(published: readonly PublishedPort[], exposed: readonly string[]): PortMap {
  const map: PortMap = {}
  for (const text of exposed) map[portKey(parsePort(text))] = null
  for (const port of published) {
    const binding = { HostIp: formatAddress(port.hostAddress), HostPort: String(port.hostPort) }
    const key = portKey(port)
    map[key] = [...(map[key] ?? []), binding]
  }
  return map
}
