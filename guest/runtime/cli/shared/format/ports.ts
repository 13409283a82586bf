/**
 * Prints the PORTS column: neighbouring ports of one address and protocol are joined to a range (docker/cli
 * DisplayablePorts).
 */
import type { PortSummary } from '../../../../protocol/api/engine-api.ts'

interface Group {
  key: string
  first: number
  last: number
}

function groupText({ key, first, last }: Group): string {
  const [ip, type] = key.includes('/') ? (key.split('/') as [string, string]) : ['', key]
  const range = first === last ? String(first) : `${first}-${last}`
  return `${ip === '' ? range : `${hostAddress(ip, range)}->${range}`}/${type}`
}

/** An address with its port; an IPv6 address stands in brackets (Go's net.JoinHostPort). */
function hostAddress(ip: string, port: number | string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

const order = (a: string | undefined, b: string | undefined): number =>
  (a ?? '') < (b ?? '') ? -1 : a === b ? 0 : 1

export function displayPorts(ports: readonly PortSummary[]): string {
  const sorted = [...ports].sort(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      order(a.IP, b.IP) ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      order(a.Type, b.Type),
  )
  const groups = new Map<string, Group>()
  const finished: string[] = []
  const mapped: string[] = []
  for (const { IP: ip, PrivatePort: port, PublicPort: outside, Type: type } of sorted) {
    const published = ip !== undefined && ip !== ''
    if (published && outside !== port) {
      mapped.push(`${hostAddress(ip, outside ?? 0)}->${port}/${type}`)
      continue
    }
    const key = published ? `${ip}/${type}` : type
    const group = groups.get(key)
    if (group !== undefined && port === group.last + 1) {
      group.last = port
      continue
    }
    if (group !== undefined) finished.push(groupText(group))
    groups.set(key, { key, first: port, last: port })
  }
  return [...finished, ...[...groups.values()].map(groupText), ...mapped].join(', ')
}
