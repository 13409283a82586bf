/** Checks a create request in dockerd's words (daemon/container.go, validateContainerConfig and validateHostConfig). */
import { posix } from 'node:path'
import type {
  ContainerCreateRequest,
  HealthConfig,
  HostConfig,
  RestartPolicy,
} from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { CAPABILITIES } from '../../oci/process/capabilities.ts'
import { parseSignal } from '../../task/signals.ts'
import { parseMount } from '../volume/mount-spec.ts'

const invalid = (message: string, details: Record<string, unknown> = {}) =>
  new EngineError('invalid', message, details)

/** sethostname(2) takes 64 bytes; Docker's limit is one less. */
const MAXIMUM_HOSTNAME = 63
/** A millisecond in nanoseconds: container.MinimumDuration. */
const MINIMUM_DURATION = 1_000_000

function validateHealthcheck(check: HealthConfig): void {
  for (const field of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = check[field]
    if (value && value < MINIMUM_DURATION) throw invalid(`${field} in Healthcheck cannot be less than 1ms`)
  }
  if ((check.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative')
}

/** Checks the request alone, as the image's configuration was checked when the image was made. */
export function validateContainerConfig(config: ContainerCreateRequest): void {
  if (config.WorkingDir && !config.WorkingDir.startsWith('/'))
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`)
  if (config.StopSignal) parseSignal(config.StopSignal)
  for (const entry of config.Env ?? [])
    if (entry === '' || entry.startsWith('=')) throw invalid(`invalid environment variable: ${entry}`)
  if (config.Healthcheck) validateHealthcheck(config.Healthcheck)
  if ((config.Hostname ?? '').length > MAXIMUM_HOSTNAME)
    throw invalid(`hostname "${config.Hostname}" is too long (maximum ${MAXIMUM_HOSTNAME} bytes)`)
}

export function validateRestartPolicy(policy: RestartPolicy): void {
  const { Name: name, MaximumRetryCount: count = 0 } = policy
  if (!['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(name))
    throw invalid(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  if (name === 'on-failure' && count < 0)
    throw invalid('invalid restart policy: maximum retry count cannot be negative')
  if (name !== 'on-failure' && name !== '' && count !== 0) {
    const more = count < 0 ? ' and cannot be negative' : ''
    throw invalid(`invalid restart policy: maximum retry count can only be used with 'on-failure'${more}`)
  }
}

const KNOWN: ReadonlySet<string> = new Set(CAPABILITIES)

/** The kernel's name of a capability, for `net_admin` or `CAP_NET_ADMIN`; `ALL` for `all`. */
export function normalizeCapability(name: string): string {
  const upper = name.toUpperCase()
  if (upper === 'ALL') return upper
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`
}

function validateCapabilities(field: 'CapAdd' | 'CapDrop', names: string[] | null): void {
  for (const name of names ?? []) {
    const normal = normalizeCapability(name)
    if (normal !== 'ALL' && !KNOWN.has(normal))
      throw invalid(`invalid ${field}: unknown capability: "${normal}"`)
  }
}

const PORT = /^(\d{1,5})(?:-(\d{1,5}))?$/

function validatePorts(config: HostConfig): void {
  for (const [port, bindings] of Object.entries(config.PortBindings ?? {})) {
    const [number = '', protocol = 'tcp'] = port.split('/')
    if (!/^\d+$/.test(number) || Number(number) < 1 || Number(number) > 65535)
      throw invalid(`invalid port specification: "${port}"`)
    if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw invalid(`invalid port specification: "${port}"`)
    for (const { HostPort } of bindings ?? [])
      if (HostPort && !PORT.test(HostPort)) throw invalid(`invalid port specification: "${HostPort}"`)
  }
}

const RUNTIMES: ReadonlySet<string> = new Set(['runc', 'porthole', 'io.containerd.runc.v2'])

function validateModes(config: HostConfig): void {
  const oneOf = (mode: string, names: string[]) => names.includes(mode) || /^container:.+/.test(mode)
  if (!oneOf(config.IpcMode, ['', 'none', 'private', 'shareable', 'host']))
    throw invalid(`invalid IPC mode: ${config.IpcMode}`)
  if (!oneOf(config.PidMode, ['', 'host'])) throw invalid(`invalid PID mode: ${config.PidMode}`)
  if (!['', 'host'].includes(config.UTSMode)) throw invalid(`invalid UTS mode: ${config.UTSMode}`)
  if (!['', 'host'].includes(config.UsernsMode))
    throw invalid(`invalid user namespace mode: ${config.UsernsMode}`)
  if (!['', 'private', 'host'].includes(config.CgroupnsMode))
    throw invalid(`invalid cgroup namespace mode: ${config.CgroupnsMode}`)
  if (!['', 'default'].includes(config.Isolation))
    throw invalid(`invalid isolation '${config.Isolation}' on linux`)
  if (!RUNTIMES.has(config.Runtime)) throw invalid(`unknown or invalid runtime name: ${config.Runtime}`)
}

/** The options of each log driver (daemon/logger/{jsonfilelog,local}); `none` takes any. */
const LOG_OPTIONS: Record<string, readonly string[] | undefined> = {
  'json-file': ['max-file', 'max-size', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: ['max-file', 'max-size', 'compress'],
}
/** Options that every driver knows. */
const COMMON_LOG_OPTIONS = ['mode', 'max-buffer-size']

function validateLogging({ Type: driver, Config: options }: HostConfig['LogConfig']): void {
  if (driver === 'none') return
  const known = LOG_OPTIONS[driver]
  if (!known) throw invalid(`logger: no log driver named '${driver}' is registered`)
  for (const key of Object.keys(options ?? {})) {
    if (known.includes(key) || COMMON_LOG_OPTIONS.includes(key)) continue
    const where = driver === 'local' ? 'log driver local' : `${driver} log driver`
    throw invalid(`unknown log opt '${key}' for ${where}`, { option: key })
  }
}

/**
 * Checks a tmpfs's target before anything of the container is made (volume/mounts/linux_parser.go,
 * ValidateTmpfsMountDestination).
 */
function validateTmpfsTarget(target: string): void {
  const path = target.replaceAll('\\', '/')
  if (posix.join(path, '/') === '/') throw invalid("invalid specification: destination can't be '/'")
  if (!posix.isAbsolute(path)) throw invalid(`invalid mount path: '${path}' mount path must be absolute`)
}

/**
 * Checks a HostConfig.
 * @returns warnings
 */
export function validateHostConfig(config: HostConfig): string[] {
  if (config.AutoRemove && !['', 'no'].includes(config.RestartPolicy.Name))
    throw invalid("can't create 'AutoRemove' container with restart policy")
  const mounts = (config.Mounts ?? []).map(parseMount)
  for (const host of config.ExtraHosts ?? [])
    if (!/^[^:=]+[:=].+/.test(host)) throw invalid(`bad format for add-host: "${host}"`)
  validatePorts(config)
  validateRestartPolicy(config.RestartPolicy)
  validateCapabilities('CapAdd', config.CapAdd)
  validateCapabilities('CapDrop', config.CapDrop)
  if (Object.keys(config.Annotations ?? {}).includes(''))
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key')
  validateModes(config)
  for (const target of Object.keys(config.Tmpfs ?? {})) validateTmpfsTarget(target)
  if (config.ShmSize < 0) throw invalid('SHM size can not be less than 0')
  if (config.OomScoreAdj < -1000 || config.OomScoreAdj > 1000)
    throw invalid(`Invalid value ${config.OomScoreAdj}, range for oom score adj is [-1000, 1000]`)
  validateLogging(config.LogConfig)
  return mounts.filter(({ Type }) => Type === 'image').map(() => 'Image mount is an experimental feature')
}
