/** Resolves variables that compose files name without a value: in lists of `environment`, and in configs. */
import { isDict, type Dict } from './yaml/tree.ts'

const bodies = (dict: Dict, section: string): Dict[] =>
  Object.values(isDict(dict[section]) ? dict[section] : {}).filter(isDict)

/** Changes the tree. */
export function resolveResourceEnvironment(dict: Dict, environment: Readonly<Record<string, string>>): void {
  for (const service of bodies(dict, 'services')) {
    if (!Array.isArray(service.environment)) continue
    service.environment = (service.environment as unknown[])
      .filter((entry) => typeof entry === 'string')
      .map((entry) => (entry in environment ? `${entry}=${environment[entry]!}` : entry))
  }
  for (const config of bodies(dict, 'configs')) {
    const value = typeof config.environment === 'string' ? environment[config.environment] : undefined
    if (value !== undefined) config.content = value
  }
}
