/** Filters of `docker volume ls` and `prune`. Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import { isAnonymous, LOCAL_DRIVER, type VolumeRecord } from './volume-records.ts'

type Filters = Record<string, string[]>

const LIST_FILTERS = ['dangling', 'driver', 'label', 'name']
const PRUNE_FILTERS = ['all', 'label', 'label!']

export function filterVolumes(volumes: readonly VolumeRecord[], filters: Filters): VolumeRecord[] {
  checkNames(filters, LIST_FILTERS)
  const dangling = flag(filters, 'dangling')
  return volumes.filter(
    (volume) =>
      (dangling === undefined || dangling === (volume.references.length === 0)) &&
      any(filters['driver'], (driver) => driver === LOCAL_DRIVER) &&
      any(filters['name'], (name) => volume.name.includes(name)) &&
      hasLabels(volume, filters['label']),
  )
}

/** Volumes that nothing uses; without `all` only anonymous ones (API 1.42 and later). */
export function pruneCandidates(volumes: readonly VolumeRecord[], filters: Filters): VolumeRecord[] {
  checkNames(filters, PRUNE_FILTERS)
  const all = flag(filters, 'all') ?? false
  return volumes.filter(
    (volume) =>
      volume.references.length === 0 &&
      (all || isAnonymous(volume)) &&
      hasLabels(volume, filters['label']) &&
      (filters['label!'] ?? []).every((label) => !hasLabels(volume, [label])),
  )
}

function checkNames(filters: Filters, known: readonly string[]): void {
  for (const name of Object.keys(filters)) {
    if (!known.includes(name)) throw new EngineError('invalid', `invalid filter '${name}'`)
  }
}

function flag(filters: Filters, name: string): boolean | undefined {
  const values = filters[name] ?? []
  if (values.length === 0) return undefined
  if (values.every((value) => value === 'true' || value === '1')) return true
  if (values.every((value) => value === 'false' || value === '0')) return false
  throw new EngineError('invalid', `invalid filter '${name}=[${values.join(' ')}]'`)
}

function any(values: string[] | undefined, matches: (value: string) => boolean): boolean {
  return values === undefined || values.length === 0 || values.some(matches)
}

/** Whether all labels are there, each wanted as `key` or `key=value`. */
function hasLabels({ labels }: VolumeRecord, wanted: string[] | undefined): boolean {
  return (wanted ?? []).every((label) => {
    const split = label.indexOf('=')
    const value = labels?.[split < 0 ? label : label.slice(0, split)]
    return value !== undefined && (split < 0 || value === label.slice(split + 1))
  })
}
