/** `extends`: lays a service over another one of this file or of another file. */
import { posix } from 'node:path'
import { ModelError } from './compose-error.ts'
import { folderOf, type FileSet, type LoadFile, type LoadOptions } from './compose-file.ts'
import { extendService, removePaths } from './merge.ts'
import { resolvePaths } from './relative-paths.ts'
import { copyTree, isDict, type Dict, type TreePath } from './yaml/tree.ts'

interface ServiceRef {
  file: string
  service: string
}

/** The services that led here through `extends`, to detect a circle. */
class ExtendsTrail {
  readonly #steps: readonly ServiceRef[]

  constructor(steps: readonly ServiceRef[] = []) {
    this.#steps = steps
  }

  /** @throws ModelError naming the whole circle */
  with(file: string, service: string): ExtendsTrail {
    const steps = [...this.#steps, { file, service }]
    if (this.#steps.some((step) => step.file === file && step.service === service)) {
      const lines = steps.map((step, at) => `  ${at === 0 ? '' : 'extends '}${step.service} in ${step.file}`)
      throw new ModelError(['Circular reference:', ...lines].join('\n'))
    }
    return new ExtendsTrail(steps)
  }
}

export interface ExtendsSource {
  set: FileSet
  options: LoadOptions
  /** Paths that the file's tags remove from the service it is laid over. */
  resets: readonly TreePath[]
  loadFile: LoadFile
}

interface Way extends ExtendsSource {
  file: string
}

/** Changes the services. @throws ModelError */
export async function applyExtends(dict: Dict, file: string, source: ExtendsSource): Promise<void> {
  const { services } = dict
  if (services === undefined) return
  if (!isDict(services)) throw new ModelError('services must be a mapping')
  for (const name of Object.keys(services)) {
    services[name] = await extended(name, services, new ExtendsTrail(), { file, ...source })
  }
}

async function extended(name: string, services: Dict, trail: ExtendsTrail, way: Way): Promise<unknown> {
  const service = services[name]
  if (service === null || service === undefined) return null
  if (!isDict(service)) throw new ModelError(`services.${name} must be a mapping`)
  const { extends: given } = service
  if (given === undefined) return service
  const { service: reference, file: other } = (typeof given === 'string' ? { service: given } : given) as {
    service: string
    file?: string
  }
  let from = services
  let { resets, file } = way
  if (other !== undefined) {
    const base = await loadBase(name, reference, other, way)
    from = base.services
    resets = [...resets, ...base.resets]
    file = other
  } else if (!(reference in services)) {
    throw new ModelError(
      `cannot extend service ${JSON.stringify(name)} in ${file}: service ${JSON.stringify(reference)} not found`,
    )
  }
  const next = trail.with(file, name)
  const base = await extended(reference, from, next, { ...way, resets })
  if (!isDict(base)) return service
  const source = copyTree(base)
  removePaths({ services: { [name]: source } }, resets)
  const merged = extendService(source, service)
  delete merged.extends
  from[name] = merged
  return merged
}

async function loadBase(
  name: string,
  reference: string,
  other: string,
  { file, set, options, loadFile }: Way,
): Promise<{ services: Dict; resets: TreePath[] }> {
  const path = posix.resolve(set.folder, other)
  const loaded = await loadFile({ path }, set, options, 'extended', {}, [])
  const cannot = `cannot extend service ${JSON.stringify(name)} in`
  const { services } = loaded.dict
  if (services === undefined) throw new ModelError(`${cannot} ${path}: no services section`)
  if (!isDict(services)) throw new ModelError(`${cannot} ${path}: services must be a mapping`)
  if (!(reference in services)) {
    throw new ModelError(`${cannot} ${file}: service ${JSON.stringify(reference)} not found in ${other}`)
  }
  const base = { folder: posix.relative(set.folder, folderOf(path)), home: options.home }
  const resolved = resolvePaths(loaded.dict, base) as { services: Dict }
  return { services: resolved.services, resets: loaded.resets }
}
