/**
 * The key that is equal for two equal steps on the same parent: a digest of every field of the configuration that the
 * classic builder compares (moby image/cache/compare.go), the command of the step among them. Order matters in lists,
 * not in maps.
 */
import { createHash } from 'node:crypto'
import { storedConfig, type RunConfig } from '../run-config.ts'

const MAPS: ReadonlySet<string> = new Set(['ExposedPorts', 'Volumes', 'Labels', 'Healthcheck'])

const sorted = (value: object) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))

export function stepKey(config: RunConfig): string {
  const fields = sorted(storedConfig(config)).map(([name, value]) => [
    name,
    MAPS.has(name) ? sorted(value as object) : (value as unknown),
  ])
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex')
}
