/** Makes the host paths in a compose file absolute, from the project's directory (compose-go's paths package). */
import { posix } from 'node:path'
import { ModelError } from './compose-error.ts'
import { isDict, PathTable, type Dict, type TreePath } from './yaml/tree.ts'

export interface PathBase {
  folder: string
  /** The directory that `~` stands for. */
  home: string
}

export function absolutePath(path: string, { folder, home }: PathBase): string {
  const expanded = path.startsWith('~') ? posix.join(home, path.slice(1)) : path
  if (expanded === '' || posix.isAbsolute(expanded)) return expanded
  return posix.join(folder, expanded).replace(/(.)\/$/, '$1')
}

type Resolver = (value: unknown, base: PathBase) => unknown

const path: Resolver = (value, base) => {
  if (Array.isArray(value)) return value.map((item) => path(item, base))
  return typeof value === 'string' ? absolutePath(value, base) : value
}

const isRemote = (context: string): boolean =>
  context.includes('://') || /^(service:|github\.com\/|git@)/.test(context)

const buildContext: Resolver = (value, base) =>
  typeof value === 'string' && !isRemote(value) ? absolutePath(value, base) : value

const volumeMount: Resolver = (value, base) => {
  if (!isDict(value) || value.type !== 'bind') return value
  if (value.source === undefined) {
    throw new ModelError('invalid mount config for type "bind": field Source must not be empty')
  }
  return { ...value, source: path(value.source, base) }
}

const volumeDevice: Resolver = (value, base) => {
  if (!isDict(value) || value.driver !== 'local' || !isDict(value.driver_opts)) return value
  const options = value.driver_opts
  if (options.o === 'bind' && typeof options.device === 'string')
    options.device = options.device === '' ? base.folder : path(options.device, base)
  return value
}

const RESOLVERS = new PathTable<Resolver>({
  'services.*.build.context': buildContext,
  'services.*.build.additional_contexts.*': buildContext,
  'services.*.build.ssh.*': path,
  'services.*.env_file.*.path': path,
  'services.*.label_file.*': path,
  'services.*.extends.file': path,
  'services.*.develop.watch.*.path': path,
  'services.*.volumes.*': volumeMount,
  'configs.*.file': path,
  'secrets.*.file': path,
  'include.path': path,
  'include.project_directory': path,
  'include.env_file': path,
  'volumes.*': volumeDevice,
})

/** Changes and returns the tree. @throws ModelError */
export function resolvePaths(value: unknown, base: PathBase, at: TreePath = []): unknown {
  const resolver = RESOLVERS.find(at)
  if (resolver !== undefined) return resolver(value, base)
  if (Array.isArray(value)) return value.map((item) => resolvePaths(item, base, [...at, '[]']))
  if (!isDict(value)) return value
  for (const key of Object.keys(value)) (value as Dict)[key] = resolvePaths(value[key], base, [...at, key])
  return value
}
