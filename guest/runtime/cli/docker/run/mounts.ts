/** Reads `--mount` and `-v`. */
import type { MountRequest } from '../../../../protocol/api/engine-api.ts'
import { parseBool } from '../../shared/flag-values.ts'
import { parseRamSize } from '../../shared/format/sizes.ts'
import { csvFields, cut } from './checks.ts'

function booleanOf(key: string, value: string | undefined): boolean {
  if (value === undefined) return true
  try {
    return parseBool(value)
  } catch {
    throw new Error(`invalid value for ${key}: ${value}`)
  }
}

type Setter = (mount: MountRequest, value: string, key: string) => void

const volume = (mount: MountRequest): NonNullable<MountRequest['VolumeOptions']> =>
  (mount.VolumeOptions ??= { Labels: {}, DriverConfig: {} })
const bind = (mount: MountRequest): NonNullable<MountRequest['BindOptions']> => (mount.BindOptions ??= {})
const tmpfs = (mount: MountRequest): NonNullable<MountRequest['TmpfsOptions']> => (mount.TmpfsOptions ??= {})

function bindRecursive(mount: MountRequest, value: string, key: string): void {
  const options = bind(mount)
  if (value === 'disabled') options.NonRecursive = true
  else if (value === 'writable') options.ReadOnlyNonRecursive = true
  else if (value === 'readonly') options.ReadOnlyForceRecursive = true
  else if (value !== 'enabled') {
    throw new Error(
      `invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
    )
  }
}

function tmpfsSize(mount: MountRequest, value: string, key: string): void {
  try {
    tmpfs(mount).SizeBytes = parseRamSize(value)
  } catch {
    throw new Error(`invalid value for ${key}: ${value}`)
  }
}

function tmpfsMode(mount: MountRequest, value: string, key: string): void {
  if (!/^[0-7]+$/.test(value)) throw new Error(`invalid value for ${key}: ${value}`)
  tmpfs(mount).Mode = parseInt(value, 8)
}

function labelled(target: Record<string, string>, text: string): void {
  const [key, value] = cut(text, '=')
  if (key !== '') target[key] = value ?? ''
}

const source: Setter = (mount, value) => (mount.Source = value)
const target: Setter = (mount, value) => (mount.Target = value)
const readOnly: Setter = (mount, value, key) => (mount.ReadOnly = booleanOf(key, value))

const SETTERS: Record<string, Setter> = {
  type: (mount, value) => (mount.Type = value.toLowerCase() as MountRequest['Type']),
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly: readOnly,
  ro: readOnly,
  consistency: (mount, value) => (mount.Consistency = value.toLowerCase()),
  'bind-propagation': (mount, value) =>
    (bind(mount).Propagation = value.toLowerCase() as NonNullable<
      MountRequest['BindOptions']
    >['Propagation']),
  'bind-nonrecursive': (mount, value, key) => (bind(mount).NonRecursive = booleanOf(key, value)),
  'bind-recursive': bindRecursive,
  'volume-subpath': (mount, value) => (volume(mount).Subpath = value),
  'volume-nocopy': (mount, value, key) => (volume(mount).NoCopy = booleanOf(key, value)),
  'volume-label': (mount, value) => labelled((volume(mount).Labels ??= {}), value),
  'volume-driver': (mount, value) => ((volume(mount).DriverConfig ??= {}).Name = value),
  'volume-opt': (mount, value) => labelled(((volume(mount).DriverConfig ??= {}).Options ??= {}), value),
  'image-subpath': (mount, value) => ((mount.ImageOptions ??= {}).Subpath = value),
  'tmpfs-size': tmpfsSize,
  'tmpfs-mode': tmpfsMode,
}

/** Keys that stand alone, without `=`. */
const ALONE = ['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive']

const OPTIONS_OF = {
  VolumeOptions: 'volume',
  ImageOptions: 'image',
  BindOptions: 'bind',
  TmpfsOptions: 'tmpfs',
} as const

/** @throws Error with docker/cli's sentence (opts/mount.go) */
export function parseMount(text: string): MountRequest {
  const mount: MountRequest = { Type: 'volume', Target: '' }
  for (const field of csvFields(text)) {
    const [rawKey, value] = cut(field, '=')
    const key = rawKey.toLowerCase()
    if (value === undefined && !ALONE.includes(key)) {
      throw new Error(`invalid field '${field}' must be a key=value pair`)
    }
    const setter = SETTERS[key]
    if (setter === undefined) throw new Error(`unexpected key '${key}' in '${field}'`)
    setter(mount, value ?? 'true', key)
  }
  checkMount(mount)
  return mount
}

function checkMount(mount: MountRequest): void {
  if ((mount.Type as string) === '') throw new Error('type is required')
  if (mount.Target === '') throw new Error('target is required')
  for (const [options, type] of Object.entries(OPTIONS_OF) as [keyof typeof OPTIONS_OF, string][]) {
    if (mount[options] !== undefined && mount.Type !== type) {
      throw new Error(`cannot mix '${type}-*' options with mount type '${mount.Type}'`)
    }
  }
  const bindOptions = mount.BindOptions
  if (bindOptions?.ReadOnlyNonRecursive && !mount.ReadOnly) {
    throw new Error("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction")
  }
  if (bindOptions?.ReadOnlyForceRecursive && !mount.ReadOnly) {
    throw new Error("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction")
  }
  if (bindOptions?.ReadOnlyForceRecursive && bindOptions.Propagation !== 'rprivate') {
    throw new Error(
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    )
  }
}

/**
 * Parses `-v`: `bind` with a source, `anonymous` with a target alone.
 * @param absolute makes a path of the caller absolute
 */
export function parseVolumeFlag(
  text: string,
  absolute: (path: string) => string,
): { bind: string } | { anonymous: string } {
  if (text === '') throw new Error('invalid empty volume spec')
  const parts = text.split(':')
  if (parts.some((part) => part === ''))
    throw new Error(`invalid spec: ${text}: empty section between colons`)
  if (parts.length === 1) return { anonymous: text }
  const [from, ...rest] = parts
  return { bind: [from!.startsWith('.') ? absolute(from!) : from, ...rest].join(':') }
}
