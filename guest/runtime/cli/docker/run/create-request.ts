/**
 * Makes the body of POST /containers/create from the flags of `docker run` and `docker create` (docker/cli
 * `container/opts.go`).
 */
import type {
  ContainerConfig,
  ContainerCreateRequest,
  HealthConfig,
  HostConfig,
  Resources,
  RestartPolicy,
} from '../../../../protocol/api/engine-api.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import type { ParsedFlags } from '../../shared/parse-flags.ts'
import { consoleSize } from '../../shared/stream/terminal-size.ts'
import { cut, parseThrottleBps, parseThrottleIops, parseUlimit, parseWeightDevice } from './checks.ts'
import { isCdiName, parseDevice, parseGpus, readSecurityOptions } from './devices.ts'
import { keyValues, readEnvironment, readLabels } from './key-values.ts'
import { parseMount, parseVolumeFlag } from './mounts.ts'
import { checkMac, parseNetworks } from './networks.ts'
import { parsePorts } from './ports.ts'
import type { CreateFlags } from '../table/create-flags.ts'

/**
 * Parses `on-failure:3`.
 * @throws Error with Docker's sentence
 */
export function parseRestartPolicy(text: string): RestartPolicy {
  if (text === '') return { Name: '', MaximumRetryCount: 0 }
  const [name, count] = cut(text, ':')
  if (name === '') throw new Error('invalid restart policy format: no policy provided before colon')
  if (count !== undefined && !/^-?\d+$/.test(count)) {
    throw new Error('invalid restart policy format: maximum retry count must be an integer')
  }
  return { Name: name as RestartPolicy['Name'], MaximumRetryCount: Number(count ?? 0) }
}

function parseHealth(flags: ParsedFlags<CreateFlags>): HealthConfig | undefined {
  const command = flags.string('health-cmd')
  const names = ['interval', 'timeout', 'start-period', 'start-interval', 'retries'] as const
  const [interval, timeout, startPeriod, startInterval, retries] = names.map((name) =>
    flags.number(`health-${name}`),
  )
  const given =
    command !== '' || [interval, timeout, startPeriod, startInterval, retries].some((value) => value !== 0)
  if (flags.bool('no-healthcheck')) {
    if (given) throw new Error('--no-healthcheck conflicts with --health-* options')
    return { Test: ['NONE'] }
  }
  if (!given) return undefined
  for (const name of names) {
    if (flags.number(`health-${name}`) < 0) throw new Error(`--health-${name} cannot be negative`)
  }
  return {
    ...(command !== '' && { Test: ['CMD-SHELL', command] }),
    ...(interval !== 0 && { Interval: interval }),
    ...(timeout !== 0 && { Timeout: timeout }),
    ...(startPeriod !== 0 && { StartPeriod: startPeriod }),
    ...(startInterval !== 0 && { StartInterval: startInterval }),
    ...(retries !== 0 && { Retries: retries }),
  }
}

function parseResources(flags: ParsedFlags<CreateFlags>): Partial<Resources> {
  const devices = flags.list('device')
  const cdi = devices.filter(isCdiName)
  const requests = flags.list('gpus').map(parseGpus)
  if (cdi.length > 0)
    requests.push({ Driver: 'cdi', Count: 0, DeviceIDs: cdi, Capabilities: null, Options: null })
  const ulimits = new Map(flags.list('ulimit').map((text) => [cut(text, '=')[0], parseUlimit(text)]))
  return {
    CpuShares: flags.number('cpu-shares'),
    Memory: flags.number('memory'),
    NanoCpus: flags.number('cpus'),
    CgroupParent: flags.string('cgroup-parent'),
    BlkioWeight: flags.number('blkio-weight'),
    BlkioWeightDevice: flags.list('blkio-weight-device').map(parseWeightDevice),
    BlkioDeviceReadBps: flags.list('device-read-bps').map(parseThrottleBps),
    BlkioDeviceWriteBps: flags.list('device-write-bps').map(parseThrottleBps),
    BlkioDeviceReadIOps: flags.list('device-read-iops').map(parseThrottleIops),
    BlkioDeviceWriteIOps: flags.list('device-write-iops').map(parseThrottleIops),
    CpuPeriod: flags.number('cpu-period'),
    CpuQuota: flags.number('cpu-quota'),
    CpuRealtimePeriod: flags.number('cpu-rt-period'),
    CpuRealtimeRuntime: flags.number('cpu-rt-runtime'),
    CpusetCpus: flags.string('cpuset-cpus'),
    CpusetMems: flags.string('cpuset-mems'),
    Devices: devices.filter((text) => !isCdiName(text)).map(parseDevice),
    DeviceCgroupRules: orNull(flags.list('device-cgroup-rule')),
    DeviceRequests: requests.length === 0 ? null : requests,
    MemoryReservation: flags.number('memory-reservation'),
    MemorySwap: flags.number('memory-swap'),
    MemorySwappiness: flags.number('memory-swappiness'),
    OomKillDisable: flags.bool('oom-kill-disable'),
    PidsLimit: flags.number('pids-limit'),
    Ulimits: [...ulimits.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1)),
    CpuCount: flags.number('cpu-count'),
    CpuPercent: flags.number('cpu-percent'),
    IOMaximumIOps: flags.number('io-maxiops'),
    IOMaximumBandwidth: flags.number('io-maxbandwidth'),
  }
}

const orNull = <T>(list: T[]): T[] | null => (list.length === 0 ? null : list)

const validMode = (mode: string, ...words: string[]): boolean => mode === '' || words.includes(mode)

function checkModes(flags: ParsedFlags<CreateFlags>): void {
  const pid = flags.string('pid')
  if (!validMode(pid, 'host') && !/^container:.+$/.test(pid)) throw new Error('--pid: invalid PID mode')
  if (!validMode(flags.string('uts'), 'host')) throw new Error('--uts: invalid UTS mode')
  if (!validMode(flags.string('userns'), 'host')) throw new Error('--userns: invalid USER mode')
  if (!validMode(flags.string('cgroupns'), 'host', 'private'))
    throw new Error('--cgroupns: invalid CGROUP mode')
  const swappiness = flags.number('memory-swappiness')
  if (swappiness < -1 || swappiness > 100) {
    throw new Error(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`)
  }
  if (flags.string('mac-address') !== '') checkMac(flags.string('mac-address'))
}

function parseVolumes(context: CliContext<CreateFlags>): {
  binds: string[]
  anonymous: Record<string, Record<string, never>>
} {
  const binds: string[] = []
  const anonymous: Record<string, Record<string, never>> = {}
  for (const text of new Set(context.flags.list('volume'))) {
    const parsed = parseVolumeFlag(text, (path) => resolvePath(context, path))
    if ('bind' in parsed) binds.push(parsed.bind)
    else anonymous[parsed.anonymous] = {}
  }
  return { binds, anonymous }
}

function parseLogging(flags: ParsedFlags<CreateFlags>): HostConfig['LogConfig'] {
  const driver = flags.string('log-driver')
  const options = flags.list('log-opt')
  if (driver === 'none' && options.length > 0) throw new Error(`invalid logging opts for driver ${driver}`)
  return { Type: driver, Config: keyValues(options) }
}

function parseStorage(flags: ParsedFlags<CreateFlags>): Record<string, string> {
  const options = flags.list('storage-opt')
  if (options.some((option) => !option.includes('='))) throw new Error('invalid storage option')
  return keyValues(options)
}

function parseTmpfs(flags: ParsedFlags<CreateFlags>): Record<string, string> {
  return Object.fromEntries(
    flags.list('tmpfs').map((text) => {
      const [path, options] = cut(text, ':')
      return [path, options ?? '']
    }),
  )
}

function attachments(
  flags: ParsedFlags<CreateFlags>,
): Pick<ContainerConfig, 'AttachStdin' | 'AttachStdout' | 'AttachStderr'> {
  const given = flags.list('attach')
  return {
    AttachStdin: flags.bool('interactive') || given.includes('stdin'),
    AttachStdout: given.length === 0 || given.includes('stdout'),
    AttachStderr: given.length === 0 || given.includes('stderr'),
  }
}

function entrypoint(flags: ParsedFlags<CreateFlags>): string[] | null {
  const given = flags.string('entrypoint')
  // `--entrypoint ""` removes the image's entrypoint.
  if (given === '') return flags.changed('entrypoint') ? [''] : null
  return [given]
}

export interface CreateCommand {
  config: Partial<ContainerConfig>
  hostConfig: Partial<HostConfig>
  endpoints: ReturnType<typeof parseNetworks>['endpoints']
}

/** @throws Error with Docker's sentence, without prefix */
export async function parseCreateCommand(context: CliContext<CreateFlags>): Promise<CreateCommand> {
  const { flags, args, session } = context
  checkModes(flags)
  const { binds, anonymous } = parseVolumes(context)
  const ports = parsePorts(flags.list('publish'), flags.list('expose'))
  const health = parseHealth(flags)
  const attach = attachments(flags)
  const openStdin = flags.bool('interactive')
  const config: Partial<ContainerConfig> = {
    Hostname: flags.string('hostname'),
    Domainname: flags.string('domainname'),
    User: flags.string('user'),
    ...attach,
    ExposedPorts: ports.exposed,
    Tty: flags.bool('tty'),
    OpenStdin: openStdin,
    // A container whose stdin is attached loses it when the attachment ends.
    StdinOnce: openStdin && attach.AttachStdin,
    Env: await readEnvironment(context),
    Cmd: args.length > 1 ? args.slice(1) : null,
    Image: args[0]!,
    Volumes: anonymous,
    WorkingDir: flags.string('workdir'),
    Entrypoint: entrypoint(flags),
    Labels: await readLabels(context),
    ...(health !== undefined && { Healthcheck: health }),
    ...(flags.string('stop-signal') !== '' && { StopSignal: flags.string('stop-signal') }),
    ...(flags.changed('stop-timeout') && { StopTimeout: flags.number('stop-timeout') }),
  }
  const networks = parseNetworks(flags)
  const security = await readSecurityOptions(context)
  const hostConfig: Partial<HostConfig> = {
    Binds: orNull(binds),
    ContainerIDFile: flags.string('cidfile'),
    LogConfig: parseLogging(flags),
    NetworkMode: networks.mode,
    PortBindings: ports.bindings,
    RestartPolicy: parseRestartPolicy(flags.string('restart')),
    AutoRemove: flags.bool('rm'),
    VolumeDriver: flags.string('volume-driver'),
    VolumesFrom: orNull(flags.list('volumes-from')),
    ConsoleSize: consoleSize(session),
    CapAdd: orNull(flags.list('cap-add')),
    CapDrop: orNull(flags.list('cap-drop')),
    CgroupnsMode: flags.string('cgroupns'),
    Dns: flags.list('dns'),
    DnsOptions: flags.list('dns-option'),
    DnsSearch: flags.list('dns-search'),
    ExtraHosts: orNull(flags.list('add-host')),
    GroupAdd: orNull(flags.list('group-add')),
    IpcMode: flags.string('ipc'),
    Links: orNull(flags.list('link')),
    OomScoreAdj: flags.number('oom-score-adj'),
    PidMode: flags.string('pid'),
    Privileged: flags.bool('privileged'),
    PublishAllPorts: flags.bool('publish-all'),
    ReadonlyRootfs: flags.bool('read-only'),
    SecurityOpt: orNull(security.options),
    StorageOpt: parseStorage(flags),
    Tmpfs: parseTmpfs(flags),
    UTSMode: flags.string('uts'),
    UsernsMode: flags.string('userns'),
    ShmSize: flags.number('shm-size'),
    Sysctls: keyValues(flags.list('sysctl')),
    Runtime: flags.string('runtime'),
    Isolation: flags.string('isolation'),
    ...parseResources(flags),
    Mounts: flags.list('mount').map((text) => absoluteSource(context, parseMount(text))),
    Annotations: keyValues(flags.list('annotation')),
    ...(security.unconfinedPaths && { MaskedPaths: [], ReadonlyPaths: [] }),
    ...(flags.changed('init') && { Init: flags.bool('init') }),
  }
  if (hostConfig.AutoRemove && !['', 'no'].includes(hostConfig.RestartPolicy!.Name)) {
    throw new Error('Conflicting options: --restart and --rm')
  }
  return { config, hostConfig, endpoints: networks.endpoints }
}

function absoluteSource(
  context: CliContext,
  mount: ReturnType<typeof parseMount>,
): ReturnType<typeof parseMount> {
  return mount.Source?.startsWith('.') ? { ...mount, Source: resolvePath(context, mount.Source) } : mount
}

export const createBody = ({ config, hostConfig, endpoints }: CreateCommand): ContainerCreateRequest => ({
  ...said(config),
  HostConfig: said(hostConfig),
  NetworkingConfig: { EndpointsConfig: endpoints },
})

/** The fields for which 0 says something else than no value. */
const ZERO_COUNTS: ReadonlySet<string> = new Set(['StopTimeout', 'MemorySwappiness'])

/** Leaves out what the engine takes a missing field for; a command line sets few of a hundred fields. */
function said<Fields extends object>(fields: Fields): Partial<Fields> {
  const set = fields as Record<string, unknown>
  const result: Record<string, unknown> = {}
  for (const name of Object.keys(set)) {
    const value = set[name]
    const isUnsaid = value === '' || value === null || (value === 0 && !ZERO_COUNTS.has(name))
    if (!isUnsaid) result[name] = value
  }
  return result as Partial<Fields>
}
