/**
 * Fields that the Engine API omits when they are empty but that Go's structs always have, so that templates may name them:
 * `{{if .State.Health}}` is fine in a container without a health check.
 */
import { isPlainObject, type PlainObject } from '../../shared/template/values.ts'

/** Name of the object that holds them → fields; the empty name is the inspected object itself. */
const OPTIONAL: Record<string, readonly string[]> = {
  '': [
    'SizeRw',
    'SizeRootFs',
    'Status',
    'UsageData',
    'Variant',
    'Descriptor',
    'Parent',
    'ImageManifestDescriptor',
  ],
  State: ['Health'],
  Config: [
    'Healthcheck',
    'ExposedPorts',
    'ArgsEscaped',
    'NetworkDisabled',
    'MacAddress',
    'StopSignal',
    'StopTimeout',
    'Shell',
  ],
  HostConfig: ['Annotations', 'StorageOpt', 'Tmpfs', 'Sysctls', 'Mounts', 'Init'],
  Healthcheck: ['Test', 'Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'],
  IPAMConfig: ['IPv4Address', 'IPv6Address', 'LinkLocalIPs'],
}

/** Returns a copy in which these fields are null where they were absent. */
export function withOptionalFields(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withOptionalFields(item, '#'))
  if (!isPlainObject(value)) return value
  const copy: PlainObject = {}
  for (const [key, item] of Object.entries(value)) copy[key] = withOptionalFields(item, key)
  for (const key of OPTIONAL[name] ?? []) copy[key] ??= null
  return copy
}
