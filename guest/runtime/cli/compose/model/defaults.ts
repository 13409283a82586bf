/** Defaults of single entries, set once all files are merged. */
import { ModelError } from './compose-error.ts'
import { goType, isDict, PathTable, pathText, scalarText, type Dict, type TreePath } from './yaml/tree.ts'

type Default = (value: unknown, path: TreePath) => void

const deviceRequest: Default = (value, path) => {
  if (!isDict(value))
    throw new ModelError(`${pathText(path)}: invalid type ${goType(value)} for device request`)
  if (value.count === undefined && value.device_ids === undefined) value.count = 'all'
}

const DEFAULTS = new PathTable<Default>({
  'services.*.build': (value) => {
    if (isDict(value)) value.context ??= '.'
  },
  'services.*.secrets.*': (value) => {
    if (isDict(value)) value.target ??= `/run/secrets/${scalarText(value.source)}`
  },
  'services.*.ports.*': (value) => {
    if (!isDict(value)) return
    value.protocol ??= 'tcp'
    value.mode ??= 'ingress'
  },
  'services.*.deploy.resources.reservations.devices.*': deviceRequest,
  'services.*.gpus.*': deviceRequest,
})

/** Changes the tree. */
export function setDefaults(value: unknown, path: TreePath = []): void {
  const rule = DEFAULTS.find(path)
  if (rule !== undefined) return rule(value, path)
  if (Array.isArray(value)) for (const item of value) setDefaults(item, [...path, '[]'])
  else if (isDict(value))
    for (const key of Object.keys(value)) setDefaults((value as Dict)[key], [...path, key])
}
