/**
 * Removes duplicates from lists of a compose file that are sets: of two entries with one key the later stays, in the
 * place of the first.
 */
import { ModelError } from '../compose-error.ts'
import { parseVolume } from '../parse-volume.ts'
import { goType, isDict, PathTable, pathText, scalarText, type Dict, type TreePath } from '../yaml/tree.ts'

type Indexer = (entry: unknown, path: TreePath) => string

const keyValue: Indexer = (entry, path) => {
  if (typeof entry === 'string') return entry.split('=')[0]!
  throw new ModelError(`${pathText(path)}: unexpected type ${goType(entry)}`)
}

function mountTarget(entry: unknown, path: TreePath): string {
  if (typeof entry === 'string') return parseVolume(entry).target
  const target = isDict(entry) ? entry.target : ''
  if (typeof target === 'string') return target
  throw new ModelError(`service volume ${pathText(path)} is missing a mount target`)
}

function deviceTarget(entry: unknown, path: TreePath): string {
  if (typeof entry === 'string') {
    const [source, target] = entry.split(':')
    return target ?? source!
  }
  const target = isDict(entry) ? entry.target : ''
  if (typeof target === 'string') return target
  throw new ModelError(`service device ${pathText(path)} is missing a mount target`)
}

const exposed: Indexer = (entry, path) => {
  if (['string', 'number', 'bigint'].includes(typeof entry)) return String(entry)
  throw new ModelError(
    `${pathText(path)}: unsupported expose value %!s(${goType(entry)}=${scalarText(entry)})`,
  )
}

const mounted =
  (folder: string): Indexer =>
  (entry, path) => {
    if (typeof entry === 'string') return `${folder}/${entry}`
    if (!isDict(entry))
      throw new ModelError(`${pathText(path)}: unsupported expose value ${scalarText(entry)}`)
    return typeof entry.target === 'string' ? entry.target : `${folder}/${scalarText(entry.source)}`
  }

const port: Indexer = (entry, path) => {
  if (!isDict(entry)) return String(entry)
  const { target, published, host_ip: host = '0.0.0.0', protocol = 'tcp' } = entry
  if (target === undefined) throw new ModelError(`service ports ${pathText(path)} is missing a target port`)
  return `${scalarText(host)}:${scalarText(published)}:${scalarText(target)}/${scalarText(protocol)}`
}

const envFile: Indexer = (entry, path) => {
  if (typeof entry === 'string') return entry
  if (isDict(entry) && typeof entry.path === 'string') return entry.path
  throw new ModelError(`environment path attribute ${pathText(path)} is missing`)
}

const KEYED_BY_NAME = [
  ...[
    'annotations',
    'build.args',
    'build.additional_contexts',
    'build.platform',
    'build.tags',
    'build.labels',
  ],
  ...[
    'cap_add',
    'cap_drop',
    'deploy.labels',
    'dns',
    'dns_opt',
    'dns_search',
    'environment',
    'labels',
    'links',
  ],
  ...['networks.*.aliases', 'networks.*.link_local_ips', 'profiles', 'sysctls', 'tmpfs'],
]

const INDEXERS = new PathTable<Indexer>({
  'networks.*.labels': keyValue,
  'networks.*.ipam.options': keyValue,
  ...Object.fromEntries(KEYED_BY_NAME.map((name) => [`services.*.${name}`, keyValue])),
  'services.*.configs': mounted(''),
  'services.*.devices': deviceTarget,
  'services.*.env_file': envFile,
  'services.*.expose': exposed,
  'services.*.ports': port,
  'services.*.secrets': mounted('/run/secrets'),
  'services.*.volumes': mountTarget,
})

function uniqueList(list: readonly unknown[], indexer: Indexer, path: TreePath): unknown[] {
  const places = new Map<string, number>()
  const kept: unknown[] = []
  list.forEach((entry, at) => {
    const key = indexer(entry, [...path, `[${at}]`])
    const place = places.get(key)
    if (place !== undefined) kept[place] = entry
    else {
      places.set(key, kept.length)
      kept.push(entry)
    }
  })
  return kept
}

/** Changes and returns the tree. @throws ModelError for an entry without its key */
export function enforceUnicity(value: unknown, path: TreePath = []): unknown {
  if (Array.isArray(value)) {
    const indexer = INDEXERS.find(path)
    return indexer === undefined ? value : uniqueList(value, indexer, path)
  }
  if (!isDict(value)) return value
  for (const key of Object.keys(value)) (value as Dict)[key] = enforceUnicity(value[key], [...path, key])
  return value
}
