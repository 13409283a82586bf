/** Rules beyond the schema on volumes, configs, secrets and devices (compose-go's validation package). */
import { ModelError } from '../compose-error.ts'
import { isDict, PathTable, pathText, type TreePath } from '../yaml/tree.ts'

type Check = (value: unknown, path: TreePath) => void

const volume: Check = (value, path) => {
  if (!isDict(value) || value.external !== true) return
  const other = Object.keys(value).find(
    (key) => key !== 'name' && key !== 'external' && !key.startsWith('x-'),
  )
  if (other !== undefined) {
    throw new ModelError(
      `${pathText(path)}: conflicting parameters "external" and ${JSON.stringify(other)} specified`,
    )
  }
}

const oneSource =
  (...keys: string[]): Check =>
  (value, path) => {
    const entry = isDict(value) ? value : {}
    const given = keys.filter((key) => key in entry).length
    if (given > 1)
      throw new ModelError(`${pathText(path)}: ${keys.join('|')} attributes are mutually exclusive`)
    if (given === 0 && !('driver' in entry) && !('external' in entry)) {
      throw new ModelError(`${pathText(path)}: one of ${keys.join('|')} must be set`)
    }
  }

const deviceRequest: Check = (value, path) => {
  if (isDict(value) && 'count' in value && 'device_ids' in value) {
    throw new ModelError(`${pathText(path)}: "count" and "device_ids" attributes are exclusive`)
  }
}

const CHECKS = new PathTable<Check>({
  'volumes.*': volume,
  'configs.*': oneSource('file', 'environment', 'content'),
  'secrets.*': oneSource('file', 'environment'),
  'services.*.develop.watch.*.path': (value, path) => {
    if (value === '') throw new ModelError(`${pathText(path)}: value can't be blank`)
  },
  'services.*.deploy.resources.reservations.devices.*': deviceRequest,
  'services.*.gpus.*': deviceRequest,
})

/** @throws ModelError */
export function checkRules(value: unknown, path: TreePath = []): void {
  const check = CHECKS.find(path)
  if (check !== undefined) return check(value, path)
  if (Array.isArray(value)) for (const item of value) checkRules(item, [...path, '[]'])
  else if (isDict(value)) for (const [key, item] of Object.entries(value)) checkRules(item, [...path, key])
}
