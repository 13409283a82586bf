/** Docker's defaults of a HostConfig (daemon_unix.go, adaptContainerSettings). */
import type { HostConfig, Resources } from '../../../protocol/api/engine-api.ts'

export const DEFAULT_SHM_SIZE = 64 * 1024 * 1024

/** The paths are in Docker's order (moby, oci/defaults.go), as clients see it. */
export const DEFAULT_MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]

export const DEFAULT_READONLY_PATHS = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/** The kernel's range of cpu.shares, to which Docker rounds. */
const CPU_SHARES = { least: 2, most: 262_144 }

const RESOURCES: Readonly<Resources> = {
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: [],
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
}

/** The fields are in the order in which Docker writes and clients print them. */
const HOST_CONFIG: Readonly<HostConfig> = {
  Binds: null,
  ContainerIDFile: '',
  LogConfig: { Type: 'json-file', Config: {} },
  NetworkMode: 'bridge',
  PortBindings: {},
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: 'private',
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: DEFAULT_SHM_SIZE,
  Runtime: 'runc',
  Isolation: '',
  ...RESOURCES,
  MaskedPaths: DEFAULT_MASKED_PATHS,
  ReadonlyPaths: DEFAULT_READONLY_PATHS,
}

// Every container's configuration shares these values: copying an object this large costs the engine little, while
// building it anew costs tens of milliseconds in the guest.
for (const value of Object.values(HOST_CONFIG)) Object.freeze(value)

export function defaultResources(): Resources {
  return { ...RESOURCES }
}

/** Completes a request: its fields over the defaults, and the fields that Docker derives or rounds. */
export function completeHostConfig(request: Partial<HostConfig>): HostConfig {
  const blank = HOST_CONFIG
  const config = { ...HOST_CONFIG }
  const fields = config as Record<string, unknown>
  const given = request as Record<string, unknown>
  for (const name of Object.keys(given)) {
    const value = given[name]
    if (value !== null && value !== undefined) fields[name] = value
  }
  if (config.NetworkMode === '' || config.NetworkMode === 'default') config.NetworkMode = 'bridge'
  if (config.RestartPolicy.Name === '') config.RestartPolicy = { ...config.RestartPolicy, Name: 'no' }
  if (!config.LogConfig.Type) config.LogConfig = { ...blank.LogConfig, Config: config.LogConfig.Config ?? {} }
  config.CgroupnsMode ||= blank.CgroupnsMode
  config.IpcMode ||= blank.IpcMode
  config.Runtime ||= blank.Runtime
  config.ShmSize ||= blank.ShmSize
  if (config.CpuShares > 0) {
    config.CpuShares = Math.min(Math.max(config.CpuShares, CPU_SHARES.least), CPU_SHARES.most)
  }
  config.Ulimits = (config.Ulimits ?? []).map(({ Name, Hard, Soft }) => ({ Name, Hard, Soft }))
  if (config.Memory > 0 && config.MemorySwap === 0) config.MemorySwap = config.Memory * 2
  if (config.Privileged) return { ...config, MaskedPaths: null, ReadonlyPaths: null }
  return config
}
