/** A service as the body of POST /containers/create (docker/compose pkg/compose/create.go). */
import type {
  ContainerConfig,
  ContainerCreateRequest,
  HostConfig,
  Resources,
  RestartPolicy,
} from '../../../../../protocol/api/engine-api.ts'
import { parseGoDuration } from '../../../../../vocabulary/go-duration.ts'
import { ModelError } from '../../model/compose-error.ts'
import type { BlkioConfig, DeviceRequestConfig, Healthcheck, Service } from '../../model/types.ts'
import type { CreateParts } from './create-parts.ts'
import { imageName } from '../image/image-name.ts'
import { networkSettings } from './network-settings.ts'

const orNull = <T>(list: readonly T[] | undefined): T[] | null =>
  list === undefined || list.length === 0 ? null : [...list]

const size = (text: string | undefined): number => Number(text ?? 0)

/** Single precision, as the original computes with it. */
const nanoCpus = (cpus: number): number => Math.trunc(Math.fround(Math.fround(cpus) * 1e9))

function environment({ environment: values = {} }: Service): string[] {
  return Object.entries(values).map(([name, value]) => (value === null ? name : `${name}=${value}`))
}

const nanoseconds = (text: string | undefined): number => (text === undefined ? 0 : parseGoDuration(text))

export function healthConfig(check: Healthcheck | undefined): ContainerConfig['Healthcheck'] {
  if (check === undefined) return undefined
  const disabled = check.disable === true || check.test?.[0] === 'NONE'
  const values = {
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.start_period),
    StartInterval: nanoseconds(check.start_interval),
    Retries: check.retries ?? 0,
  }
  const given = Object.entries(values).filter(([, value]) => value !== 0)
  const test = disabled ? ['NONE'] : check.test
  return { ...(test !== undefined && { Test: test }), ...Object.fromEntries(given) }
}

const CONDITIONS: Record<string, string> = { none: 'no', no: 'no', any: 'always' }

function restartPolicy({ restart, deploy }: Service): RestartPolicy {
  const policy = deploy?.restart_policy
  const [name = '', count] =
    policy !== undefined ? [policy.condition, policy.max_attempts] : (restart ?? '').split(':')
  return {
    Name: (CONDITIONS[name] ?? name) as RestartPolicy['Name'],
    MaximumRetryCount: Number(count ?? 0) || 0,
  }
}

function blkio(config: BlkioConfig | undefined): Partial<Resources> {
  if (config === undefined) return {}
  const rates = (list: { Path: string; Rate: string }[] | undefined) =>
    orNull(list?.map(({ Path, Rate }) => ({ Path, Rate: Number(Rate) })))
  return {
    BlkioWeight: config.weight ?? 0,
    BlkioWeightDevice: orNull(config.weight_device),
    BlkioDeviceReadBps: rates(config.device_read_bps),
    BlkioDeviceReadIOps: rates(config.device_read_iops),
    BlkioDeviceWriteBps: rates(config.device_write_bps),
    BlkioDeviceWriteIOps: rates(config.device_write_iops),
  }
}

const deviceRequest = ({
  capabilities = [],
  count = 0,
  device_ids,
  driver = '',
  options,
}: DeviceRequestConfig) => ({
  Driver: driver,
  Count: count,
  DeviceIDs: orNull(device_ids),
  Capabilities: [capabilities],
  Options: options ?? null,
})

function resources(service: Service): Partial<Resources> {
  const { limits, reservations } = service.deploy?.resources ?? {}
  const cpus = limits?.cpus ?? service.cpus ?? 0
  const pids = limits?.pids ?? service.pids_limit
  const swappiness = size(service.mem_swappiness)
  const gpus = (service.gpus ?? []).map((gpu) =>
    deviceRequest({ ...gpu, capabilities: [...(gpu.capabilities ?? []), 'gpu'] }),
  )
  return {
    CgroupParent: service.cgroup_parent ?? '',
    Memory: size(limits?.memory ?? service.mem_limit),
    MemorySwap: size(service.memswap_limit),
    MemorySwappiness: swappiness === 0 ? null : swappiness,
    MemoryReservation: size(reservations?.memory ?? service.mem_reservation),
    OomKillDisable: service.oom_kill_disable === true,
    CpuCount: service.cpu_count ?? 0,
    CpuPeriod: service.cpu_period ?? 0,
    CpuQuota: service.cpu_quota ?? 0,
    CpuRealtimePeriod: service.cpu_rt_period ?? 0,
    CpuRealtimeRuntime: service.cpu_rt_runtime ?? 0,
    CpuShares: service.cpu_shares ?? 0,
    NanoCpus: nanoCpus(cpus),
    CpuPercent: Math.trunc((service.cpu_percent ?? 0) * 100),
    CpusetCpus: service.cpuset ?? '',
    DeviceCgroupRules: orNull(service.device_cgroup_rules),
    PidsLimit: pids === undefined || pids === 0 ? null : pids,
    ...blkio(service.blkio_config),
    DeviceRequests: orNull([...(reservations?.devices ?? []).map(deviceRequest), ...gpus]),
    Devices: orNull(
      service.devices?.map(({ source, target, permissions }) => ({
        PathOnHost: source,
        PathInContainer: target ?? source,
        CgroupPermissions: permissions ?? 'rwm',
      })),
    ),
    Ulimits: orNull(
      Object.entries(service.ulimits ?? {}).map(([Name, limit]) =>
        typeof limit === 'number'
          ? { Name, Soft: limit, Hard: limit }
          : { Name, Soft: limit.soft ?? 0, Hard: limit.hard ?? 0 },
      ),
    ),
  }
}

function ports({ expose = [], ports: published = [] }: Service): {
  exposed: Record<string, Record<string, never>>
  bindings: NonNullable<HostConfig['PortBindings']>
} {
  const exposed: Record<string, Record<string, never>> = {}
  const bindings: NonNullable<HostConfig['PortBindings']> = {}
  for (const port of expose) exposed[port] = {}
  for (const port of published) {
    const key = `${port.target}/${port.protocol ?? 'tcp'}`
    exposed[key] = {}
    bindings[key] = [...(bindings[key] ?? []), { HostIp: port.host_ip ?? '', HostPort: port.published ?? '' }]
  }
  return { exposed, bindings }
}

function tmpfs({ tmpfs: entries = [] }: Service): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf(':')
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

function containerConfig(parts: CreateParts): Partial<ContainerConfig> {
  const { project, name, service, labels, attachStdin } = parts
  const grace = service.stop_grace_period
  const health = healthConfig(service.healthcheck)
  return {
    Hostname: service.hostname ?? '',
    Domainname: service.domainname ?? '',
    User: service.user ?? '',
    ExposedPorts: ports(service).exposed,
    Tty: service.tty === true,
    OpenStdin: service.stdin_open === true,
    StdinOnce: attachStdin && service.stdin_open === true,
    AttachStdin: attachStdin,
    AttachStdout: true,
    AttachStderr: true,
    Cmd: service.command,
    Entrypoint: service.entrypoint,
    Image: imageName(project, name),
    WorkingDir: service.working_dir ?? '',
    Env: environment(service),
    Labels: labels,
    ...(service.stop_signal !== undefined && { StopSignal: service.stop_signal }),
    ...(health !== undefined && { Healthcheck: health }),
    ...(grace !== undefined && { StopTimeout: Math.trunc(parseGoDuration(grace) / 1e9) }),
  }
}

function hostConfig(parts: CreateParts): Partial<HostConfig> {
  const { service, autoRemove, links, volumes, securityOptions } = parts
  const logging = service.logging
  return {
    AutoRemove: autoRemove,
    ...volumes,
    ...(service.annotations !== undefined && { Annotations: service.annotations }),
    CapAdd: orNull(service.cap_add),
    CapDrop: orNull(service.cap_drop),
    ...(service.init !== undefined && { Init: service.init }),
    IpcMode: service.ipc ?? '',
    CgroupnsMode: service.cgroup ?? '',
    ReadonlyRootfs: service.read_only === true,
    RestartPolicy: restartPolicy(service),
    ShmSize: size(service.shm_size),
    ...(service.sysctls !== undefined && { Sysctls: service.sysctls }),
    PortBindings: ports(service).bindings,
    ...resources(service),
    VolumeDriver: service.volume_driver ?? '',
    VolumesFrom: orNull(service.volumes_from),
    Dns: orNull(service.dns),
    DnsSearch: orNull(service.dns_search),
    DnsOptions: orNull(service.dns_opt),
    // The engine takes a colon where the file's form has the clearer equals sign.
    ExtraHosts: (service.extra_hosts ?? []).map((host) => host.replace('=', ':')),
    SecurityOpt: orNull(securityOptions.options),
    ...(service.storage_opt !== undefined && { StorageOpt: service.storage_opt }),
    UsernsMode: service.userns_mode ?? '',
    UTSMode: service.uts ?? '',
    Privileged: service.privileged === true,
    PidMode: service.pid ?? '',
    ...(service.tmpfs !== undefined && { Tmpfs: tmpfs(service) }),
    Isolation: service.isolation ?? '',
    Runtime: service.runtime ?? '',
    LogConfig: { Type: logging?.driver ?? '', Config: logging?.options ?? null },
    GroupAdd: orNull(service.group_add),
    Links: orNull(links),
    OomScoreAdj: service.oom_score_adj ?? 0,
    ...(securityOptions.unconfinedPaths && { MaskedPaths: [], ReadonlyPaths: [] }),
  }
}

/** @throws ModelError for a MAC address that the service and its network give differently */
export function createRequest(parts: CreateParts): ContainerCreateRequest {
  const { mode, endpoints } = networkSettings(parts)
  if (parts.number < 1) throw new ModelError(`service ${parts.name} cannot have a container #${parts.number}`)
  return {
    ...containerConfig(parts),
    HostConfig: { ...hostConfig(parts), NetworkMode: mode },
    NetworkingConfig: { EndpointsConfig: endpoints },
  }
}
