/** Filters of `docker network ls` and `prune` (moby daemon/network/filter.go). Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import type { NetworkRecord } from './network-records.ts'
import { isUserDefined } from './network-records.ts'

type Filters = Record<string, string[]>

const LIST_FILTERS = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']
const PRUNE_FILTERS = ['label', 'label!', 'until']

export function filterNetworks(
  networks: readonly NetworkRecord[],
  filters: Filters,
  isInUse: (network: NetworkRecord) => boolean,
): NetworkRecord[] {
  checkNames(filters, LIST_FILTERS)
  const dangling = oneFlag(filters['dangling'])
  const types = filters['type'] ?? []
  for (const type of types) {
    if (type !== 'custom' && type !== 'builtin') {
      // dockerd answers 500, as its error has no kind (moby daemon/network/filter.go).
      throw new EngineError('internal', `invalid filter: 'type'='${type}'`)
    }
  }
  return networks.filter((network) => {
    const userDefined = isUserDefined(network.name)
    return (
      anyOf(filters['driver'], (driver) => network.driver === driver) &&
      anyOf(filters['id'], (id) => network.id.includes(id)) &&
      anyOf(filters['name'], (name) => network.name.includes(name)) &&
      anyOf(filters['scope'], (scope) => scope === 'local') &&
      anyOf(types, (type) => (type === 'custom') === userDefined) &&
      hasLabels(network.labels, filters['label']) &&
      (dangling === undefined || dangling === (userDefined && !isInUse(network)))
    )
  })
}

/**
 * User-defined networks that nothing is connected to.
 * @param now for the filter `until`
 */
export function pruneCandidates(
  networks: readonly NetworkRecord[],
  filters: Filters,
  now: Date,
  isInUse: (network: NetworkRecord) => boolean,
): NetworkRecord[] {
  checkNames(filters, PRUNE_FILTERS)
  const before = (filters['until'] ?? []).map((until) => untilTime(until, now))
  return networks.filter(
    (network) =>
      isUserDefined(network.name) &&
      !isInUse(network) &&
      hasLabels(network.labels, filters['label']) &&
      (filters['label!'] ?? []).every((label) => !hasLabels(network.labels, [label])) &&
      before.every((time) => Date.parse(network.created) <= time),
  )
}

export function checkNames(filters: Filters, known: readonly string[]): void {
  for (const name of Object.keys(filters)) {
    if (!known.includes(name)) throw new EngineError('invalid', `invalid filter '${name}'`)
  }
}

function anyOf(values: string[] | undefined, matches: (value: string) => boolean): boolean {
  return values === undefined || values.length === 0 || values.some(matches)
}

/** Whether all labels are there, each wanted as `key` or `key=value`. */
export function hasLabels(labels: Record<string, string> | null, wanted: string[] | undefined): boolean {
  return (wanted ?? []).every((label) => {
    const split = label.indexOf('=')
    const key = split < 0 ? label : label.slice(0, split)
    const value = labels?.[key]
    return value !== undefined && (split < 0 || value === label.slice(split + 1))
  })
}

/** Reads the value of `dangling=true`; undefined when the filter is not given. */
export function oneFlag(values: string[] | undefined): boolean | undefined {
  const [value, ...others] = values ?? []
  if (value === undefined) return undefined
  if (others.length === 0 && ['true', '1'].includes(value)) return true
  if (others.length === 0 && ['false', '0'].includes(value)) return false
  throw new EngineError('invalid', `invalid filter 'dangling=[${values!.join(' ')}]'`)
}

const DURATION_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** Reads a Go duration before now, a Unix time in seconds, or an RFC 3339 time; in milliseconds since the epoch. */
export function untilTime(text: string, now: Date): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  if (/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) {
    let span = 0
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) {
      span += Number(amount) * DURATION_MS[unit as keyof typeof DURATION_MS]
    }
    return now.getTime() - span
  }
  const time = Date.parse(text)
  if (Number.isNaN(time))
    throw new EngineError('invalid', `invalid until value "${text}": use a duration or a time`)
  return time
}
