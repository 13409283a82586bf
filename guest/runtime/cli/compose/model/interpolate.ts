/** Substitutes variables in every string of a compose file, and gives the strings at certain paths their type. */
import { parseInteger } from '../../shared/flag-values.ts'
import { ModelError } from './compose-error.ts'
import { InvalidTemplate, substitute, type Lookup, type OnUnset } from './template.ts'
import { isDict, PathTable, pathText, type Dict, type TreePath } from './yaml/tree.ts'

type Cast = (text: string, warn: (message: string) => void) => unknown

function toInt(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new Error(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

const toInt64: Cast = (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : parseInteger(text))

export function toFloat(text: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

export const toBoolean: Cast = (text, warn) => {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  if (!['y', 'yes', 'on', 'n', 'no', 'off'].includes(word)) throw new Error(`invalid boolean: ${text}`)
  const value = ['y', 'yes', 'on'].includes(word)
  warn(`${JSON.stringify(text)} for boolean is not supported by YAML 1.2, please use \`${value}\``)
  return value
}

const INTS = [
  'configs.[].mode',
  'deploy.replicas',
  'deploy.update_config.parallelism',
  'deploy.rollback_config.parallelism',
  'deploy.restart_policy.max_attempts',
  'deploy.placement.max_replicas_per_node',
  'healthcheck.retries',
  'ports.[].target',
  'scale',
  'secrets.[].mode',
  'ulimits.*',
  'ulimits.*.hard',
  'ulimits.*.soft',
]
const LONG_INTS = [
  ...['cpu_count', 'cpu_period', 'cpu_quota', 'cpu_rt_period', 'cpu_rt_runtime', 'cpu_shares'],
  ...['oom_score_adj', 'pids_limit'],
]
const FLOATS = [
  ...['cpu_percent', 'cpus', 'deploy.update_config.max_failure_ratio'],
  'deploy.rollback_config.max_failure_ratio',
]
const BOOLEANS = [
  ...['init', 'healthcheck.disable', 'oom_kill_disable', 'privileged', 'read_only', 'stdin_open', 'tty'],
  ...['volumes.[].read_only', 'volumes.[].volume.nocopy'],
]
const TOP_BOOLEANS = [
  ...['external', 'internal', 'attachable', 'enable_ipv4', 'enable_ipv6'].map((key) => `networks.*.${key}`),
  ...['volumes', 'secrets', 'configs'].map((key) => `${key}.*.external`),
]

const ofService = (names: readonly string[], cast: Cast): [string, Cast][] =>
  names.map((name) => [`services.*.${name}`, cast])

const CASTS = new PathTable<Cast>(
  Object.fromEntries([
    ...ofService(INTS, toInt),
    ...ofService(LONG_INTS, toInt64),
    ...ofService(FLOATS, toFloat),
    ...ofService(BOOLEANS, toBoolean),
    ...TOP_BOOLEANS.map((path): [string, Cast] => [path, toBoolean]),
  ]),
)

export interface Interpolation {
  lookup: Lookup
  onUnset: OnUnset
  warn: (message: string) => void
}

function refuse(path: TreePath, error: unknown): never {
  if (error instanceof InvalidTemplate) {
    throw new ModelError(
      `invalid interpolation format for ${pathText(path)}.\nYou may need to escape any $ with another $.\n${error.template}`,
    )
  }
  throw new ModelError(`error while interpolating ${pathText(path)}: ${(error as Error).message}`)
}

function interpolateText(text: string, path: TreePath, how: Interpolation): unknown {
  let value: string
  try {
    value = substitute(text, how.lookup, how.onUnset)
  } catch (error) {
    return refuse(path, error)
  }
  const cast = CASTS.find(path)
  if (cast === undefined) return value
  try {
    return cast(value, how.warn)
  } catch (error) {
    return refuse(path, new Error(`failed to cast to expected type: ${(error as Error).message}`))
  }
}

/** Returns a copy with the variables substituted. @throws ModelError naming the path */
export function interpolate(value: unknown, path: TreePath, how: Interpolation): unknown {
  if (typeof value === 'string') return interpolateText(value, path, how)
  if (Array.isArray(value)) return value.map((item) => interpolate(item, [...path, '[]'], how))
  if (!isDict(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, interpolate(item, [...path, key], how)])
  return Object.fromEntries(entries) as Dict
}
