/** Published ports: reads what a request asks for, and allocates host ports. Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import type { PortMap } from '../../../protocol/api/engine-api.ts'
import { PROTOCOL_NUMBER, type FirewallPort, type PortProtocol } from './plan/firewall.ts'
import { ANY_ADDRESS, familyOf, parseAddress, type Family } from './address/ip-address.ts'

/**
 * One host port asked for, on all of `hostAddresses` (a binding that names none means both families); `from`–`to` is the
 * range of acceptable host ports (0–0: any ephemeral one).
 */
export interface PortRequest {
  protocol: PortProtocol
  port: number
  hostAddresses: string[]
  from: number
  to: number
}

/** A host port in use, whoever has it. */
export type TakenPort = Pick<FirewallPort, 'protocol' | 'hostAddress' | 'hostPort'>
/** A port given to a container whose address is not known yet. */
export type PublishedPort = Omit<FirewallPort, 'address'>

/** net.ipv4.ip_local_port_range, from which Docker gives ephemeral ports. */
const EPHEMERAL = { from: 32768, to: 60999 } as const

/** Parses `80`, `80/tcp`, `53/udp`. Throws EngineError `invalid`. */
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

/** The host addresses at which a container can be reached. */
export interface PortTarget {
  /** Families of host addresses that lead to the container: IPv4's addresses also serve IPv6, by proxy. */
  families: readonly Family[]
  /** The host address of bindings that name none. */
  defaultHostAddress: string
}

/**
 * The requests of all bindings, and of exposed ports when all are to be published, in dockerd's order. Bindings that
 * differ in their host address alone get the same host port.
 */
export function portRequests(
  bindings: PortMap,
  exposed: readonly string[],
  publishAll: boolean,
  target: PortTarget,
): PortRequest[] {
  const asked = Object.entries(bindings).flatMap(([key, list]) =>
    (list ?? []).map(({ HostIp, HostPort }) => ({
      ...parsePort(key),
      ...parseHostPort(HostPort ?? ''),
      hostAddresses: hostAddresses(HostIp, target),
    })),
  )
  const bound = new Set(asked.map(portKey))
  const rest = publishAll ? exposed.map(parsePort).filter((port) => !bound.has(portKey(port))) : []
  const unbound = new Map(rest.map((port) => [portKey(port), port]))
  for (const port of unbound.values()) {
    asked.push({ ...port, from: 0, to: 0, hostAddresses: hostAddresses('', target) })
  }
  return merged(asked.sort(inOrder)).filter(({ hostAddresses }) => hostAddresses.length > 0)
}

/** The host addresses of a binding (moby libnetwork/drivers/bridge, configurePortBindingIPv4 and its like for IPv6). */
function hostAddresses(asked: string | undefined, { families, defaultHostAddress }: PortTarget): string[] {
  const chosen = asked ? parseAddress(asked) : defaultHostAddress
  if (chosen === undefined) throw new EngineError('invalid', `invalid IP address: ${asked}`)
  const meant = !asked && chosen === ANY_ADDRESS[4] ? [ANY_ADDRESS[4], ANY_ADDRESS[6]] : [chosen]
  return meant.filter((address) => families.includes(familyOf(address)))
}

/** Puts single ports before ranges, in which they may lie. */
function inOrder(a: PortRequest, b: PortRequest): number {
  const isRange = ({ from, to }: PortRequest) => Number(from === 0 || from !== to)
  const protocol = ({ protocol }: PortRequest) => PROTOCOL_NUMBER[protocol]
  return (
    isRange(a) - isRange(b) || a.port - b.port || protocol(a) - protocol(b) || a.from - b.from || a.to - b.to
  )
}

function merged(sorted: readonly PortRequest[]): PortRequest[] {
  const all: PortRequest[] = []
  for (const request of sorted) {
    const last = all.at(-1)
    if (last === undefined || inOrder(last, request) !== 0) all.push({ ...request })
    else last.hostAddresses = [...new Set([...last.hostAddresses, ...request.hostAddresses])]
  }
  return all
}

export function portKey(port: { port: number; protocol: string }): string {
  return `${port.port}/${port.protocol}`
}

function clashes(a: TakenPort, b: TakenPort): boolean {
  return (
    a.protocol === b.protocol &&
    a.hostPort === b.hostPort &&
    familyOf(a.hostAddress) === familyOf(b.hostAddress) &&
    (a.hostAddress === b.hostAddress || isAny(a.hostAddress) || isAny(b.hostAddress))
  )
}

const isAny = (address: string): boolean => address === ANY_ADDRESS[familyOf(address)]

/**
 * Allocates host ports for all requests, or none: throws EngineError `internal` (Docker answers 500) in Docker's words.
 * @param cursor where the search for an ephemeral port begins, so that a port just freed is not given at once
 */
export function allocatePorts(
  requests: readonly PortRequest[],
  taken: readonly TakenPort[],
  cursor: number = EPHEMERAL.from,
): PublishedPort[] {
  const given: PublishedPort[] = []
  for (const { from, to, hostAddresses, ...rest } of requests) {
    const holder = (hostPort: number) =>
      hostAddresses.find((hostAddress) =>
        [...taken, ...given].some((other) => clashes({ ...rest, hostAddress, hostPort }, other)),
      )
    const hostPort = firstOf(from, to, cursor, (port) => holder(port) === undefined)
    if (hostPort === undefined) throw noPort(holder(from), from, to)
    given.push(...hostAddresses.map((hostAddress) => ({ ...rest, hostAddress, hostPort })))
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

function noPort(holder: string | undefined, from: number, to: number): EngineError {
  if (holder === undefined || from !== to)
    return new EngineError('internal', 'all ports are allocated', { from, to })
  const message = `Bind for ${holder}:${from} failed: port is already allocated`
  return new EngineError('internal', message, { port: from })
}

/** The map of `NetworkSettings.Ports`; exposed ports that are not published are null. */
export function portMap(published: readonly PublishedPort[], exposed: readonly string[]): PortMap {
  const map: PortMap = {}
  for (const text of exposed) map[portKey(parsePort(text))] = null
  for (const port of published) {
    const binding = { HostIp: port.hostAddress, HostPort: String(port.hostPort) }
    const key = portKey(port)
    map[key] = [...(map[key] ?? []), binding]
  }
  return map
}
