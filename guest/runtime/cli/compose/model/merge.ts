/** Lays one compose file over another: the merge rules of the Compose specification (compose-go's override package). */
import { ModelError } from './compose-error.ts'
import { byText, isDict, PathTable, pathText, scalarText, type Dict, type TreePath } from './yaml/tree.ts'

type Merger = (base: unknown, over: unknown, path: TreePath) => unknown

/** Turns a map into the list that means the same. */
function toSequence(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return [value]
  if (!isDict(value)) return []
  const items = Object.entries(value).flatMap(([key, item]) => {
    if (item === null) return [key]
    const values = Array.isArray(item) ? (item as unknown[]) : [item]
    return values.map((one) => `${key}=${scalarText(one)}`)
  })
  return items.sort(byText)
}

/** Turns a list of names into the map that means the same. */
function toMapping(value: unknown, defaults: Dict | null): Dict {
  if (isDict(value)) return value
  const names = Array.isArray(value) ? (value as string[]) : []
  return Object.fromEntries(names.map((name) => [name, defaults === null ? null : { ...defaults }]))
}

function mergeMappings(base: Dict, over: Dict, path: TreePath): Dict {
  for (const [key, value] of Object.entries(over)) {
    base[key] = key in base && !key.startsWith('x-') ? mergeTrees(base[key], value, [...path, key]) : value
  }
  return base
}

const joined: Merger = (base, over) => [...toSequence(base), ...toSequence(over)]
const replaced: Merger = (_base, over) => over

const extraHosts: Merger = (base, over) => {
  const known = toSequence(base)
  return [...known, ...toSequence(over).filter((host) => !known.includes(host))]
}

const logging: Merger = (base, over, path) => {
  const { driver: from } = base as Dict
  const { driver: to } = over as Dict
  const same = from === to || from === undefined || to === undefined
  return same ? mergeMappings(base as Dict, over as Dict, path) : over
}

const asBuild = (value: unknown): Dict =>
  typeof value === 'string' ? { context: value } : ((value ?? {}) as Dict)
const build: Merger = (base, over, path) => mergeMappings(asBuild(base), asBuild(over), path)

const STARTED = { condition: 'service_started', required: true }
const dependsOn: Merger = (base, over, path) =>
  mergeMappings(toMapping(base, STARTED), toMapping(over, STARTED), path)
const networks: Merger = (base, over, path) =>
  mergeMappings(toMapping(base, null), toMapping(over, null), path)

/** Merges address pools that have the same subnet. */
const ipamConfig: Merger = (base, over, path) => {
  const pools: Dict[] = []
  const place = (pool: Dict): void => {
    const at = pools.findIndex(({ subnet }) => subnet === pool.subnet)
    if (at < 0) pools.push(pool)
    else pools[at] = pool
  }
  for (const original of base as Dict[]) {
    for (const other of over as Dict[]) {
      if (other.subnet !== original.subnet && !pools.some(({ subnet }) => subnet === other.subnet))
        place(other)
      else place(mergeMappings(original, other, path))
    }
  }
  return pools
}

const SPECIAL = new PathTable<Merger>({
  'networks.*.ipam.config': ipamConfig,
  'networks.*.labels': joined,
  'volumes.*.labels': joined,
  'services.*.annotations': joined,
  'services.*.build': build,
  'services.*.build.args': joined,
  'services.*.build.additional_contexts': joined,
  'services.*.build.extra_hosts': extraHosts,
  'services.*.build.labels': joined,
  'services.*.command': replaced,
  'services.*.depends_on': dependsOn,
  'services.*.deploy.labels': joined,
  'services.*.dns': joined,
  'services.*.dns_opt': joined,
  'services.*.dns_search': joined,
  'services.*.entrypoint': replaced,
  'services.*.env_file': joined,
  'services.*.label_file': joined,
  'services.*.environment': joined,
  'services.*.extra_hosts': extraHosts,
  'services.*.healthcheck.test': replaced,
  'services.*.labels': joined,
  'services.*.logging': logging,
  'services.*.networks': networks,
  'services.*.sysctls': joined,
  'services.*.tmpfs': joined,
  'services.*.ulimits.*': replaced,
})

/** Changes and returns `base`. @throws ModelError when the two don't fit */
function mergeTrees(base: unknown, over: unknown, path: TreePath): unknown {
  const special = SPECIAL.find(path)
  if (special !== undefined) return special(base, over, path)
  if (over === null) return base
  if (isDict(base)) {
    if (!isDict(over)) throw new ModelError(`cannot override ${pathText(path)}`)
    return mergeMappings(base, over, path)
  }
  if (Array.isArray(base)) {
    if (!Array.isArray(over)) throw new ModelError(`cannot override ${pathText(path)}`)
    return [...(base as unknown[]), ...(over as unknown[])]
  }
  return over
}

export const mergeFiles = (base: Dict, over: Dict): Dict => mergeTrees(base, over, []) as Dict

/** `extends`: lays the service over the one it extends. */
export const extendService = (base: Dict, service: Dict): Dict =>
  mergeTrees(base, service, ['services', 'x']) as Dict

/** Removes what the tags `!reset` and `!override` name, before their file is merged. */
export function removePaths(value: unknown, resets: readonly TreePath[], path: TreePath = []): void {
  if (resets.length === 0) return
  if (Array.isArray(value)) {
    value.forEach((item, at) => removePaths(item, resets, [...path, `[${at}]`]))
    return
  }
  if (!isDict(value)) return
  for (const key of Object.keys(value)) {
    const next = [...path, key]
    const named = resets.some(
      (reset) => reset.length === next.length && reset.every((part, at) => part === next[at]),
    )
    if (named) delete value[key]
    else removePaths(value[key], resets, next)
  }
}
