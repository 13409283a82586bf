/** Reads `-p` and `--expose` (docker/go-connections, package nat). */
import type { PortMap } from '../../../../protocol/api/engine-api.ts'
import { cut, isIp } from './checks.ts'

interface PortRange {
  start: number
  end: number
}

function parsePort(text: string): number {
  if (!/^\d+$/.test(text))
    throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  const port = Number(text)
  if (port > 65535) throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`)
  return port
}

/** Parses `80` or `8000-8010`. */
export function parsePortRange(text: string): PortRange {
  if (text === '') throw new Error('empty string specified for ports')
  const [first, last] = cut(text, '-')
  const start = parsePort(first)
  const end = last === undefined ? start : parsePort(last)
  if (end < start) throw new Error(`invalid range specified for port: ${text}`)
  return { start, end }
}

/** Splits `80/udp` into the port and its protocol, which is tcp unless it is given. */
export function splitProtocol(text: string): { port: string; protocol: string } {
  const [port, protocol] = cut(text, '/')
  return { port, protocol: protocol === undefined || protocol === '' ? 'tcp' : protocol.toLowerCase() }
}

function tryRange(text: string, what: string): PortRange {
  try {
    return parsePortRange(text)
  } catch {
    throw new Error(`Invalid ${what}: ${text}`)
  }
}

/** Splits `[ip:][host port:]container port`; an IPv6 address stands in brackets. */
function splitBinding(text: string): { ip: string; host: string; container: string } {
  const parts = text.split(':')
  const container = parts.pop()!
  const host = parts.pop() ?? ''
  const ip = parts.join(':')
  return { ip: /^\[.*\]$/.test(ip) ? ip.slice(1, -1) : ip, host, container }
}

/** Rewrites the long form `published=8080,target=80,protocol=udp` as the short one. */
function standardNotation(text: string): string {
  if (!text.includes('=')) return text
  const given: Record<string, string> = { protocol: 'tcp' }
  for (const field of text.split(',')) {
    const [key, value] = cut(field, '=')
    if (value === undefined || key === '') {
      throw new Error(`invalid publish opts format (should be name=value but got '${field}')`)
    }
    given[key] = value
  }
  return `${given.published ?? ''}:${given.target ?? ''}/${given.protocol}`
}

export interface PublishedPorts {
  exposed: Record<string, Record<string, never>>
  bindings: PortMap
}

function addBinding(text: string, { exposed, bindings }: PublishedPorts): void {
  const { port, protocol } = splitProtocol(text)
  const { ip, host, container } = splitBinding(port)
  if (ip !== '' && !isIp(ip)) throw new Error(`Invalid ip address: ${ip}`)
  if (container === '') throw new Error(`no port specified: ${text}<empty>`)
  const inside = tryRange(container, 'containerPort')
  const outside = host === '' ? undefined : tryRange(host, 'hostPort')
  const single = inside.start === inside.end
  if (outside !== undefined && outside.end - outside.start !== inside.end - inside.start && !single) {
    throw new Error(`Invalid ranges specified for container and host Ports: ${container} and ${host}`)
  }
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw new Error(`Invalid proto: ${protocol}`)
  for (let offset = 0; offset <= inside.end - inside.start; offset += 1) {
    const key = `${inside.start + offset}/${protocol}`
    const first = outside === undefined ? '' : String(outside.start + offset)
    // One container port on a range of host ports: the engine takes the first free port of the range.
    const ranged = outside !== undefined && single && outside.start !== outside.end
    exposed[key] = {}
    bindings[key] = [
      ...(bindings[key] ?? []),
      { HostIp: ip, HostPort: ranged ? `${first}-${outside.end}` : first },
    ]
  }
}

function addExposed(text: string, exposed: PublishedPorts['exposed']): void {
  if (text.includes(':')) throw new Error(`invalid port format for --expose: ${text}`)
  const { port, protocol } = splitProtocol(text)
  let range: PortRange
  try {
    range = parsePortRange(port)
  } catch (error) {
    throw new Error(`invalid range format for --expose: ${text}, error: ${(error as Error).message}`)
  }
  for (let number = range.start; number <= range.end; number += 1) exposed[`${number}/${protocol}`] = {}
}

/** @throws Error with Docker's sentence */
export function parsePorts(publish: readonly string[], expose: readonly string[]): PublishedPorts {
  const ports: PublishedPorts = { exposed: {}, bindings: {} }
  for (const text of publish) addBinding(standardNotation(text), ports)
  for (const text of expose) addExposed(text, ports.exposed)
  return ports
}
