/** Bodies about containers, field for field as Docker's Go types have them (moby, api/types/container). */
import type {
  ContainerConfig,
  ContainerCreateRequest,
  ContainerUpdateRequest,
  DeviceMapping,
  DeviceRequest,
  ExecCreateRequest,
  ExecStartRequest,
  HealthConfig,
  HostConfig,
  LogConfig,
  MountRequest,
  MountType,
  Resources,
  RestartPolicy,
  RestartPolicyName,
  ThrottleDevice,
  Ulimit,
  WeightDevice,
} from '../../../../protocol/api/engine-api.ts'
import { flag, integer, list, map, nothing, pair, struct, text, words, type Fields } from '../json/go-type.ts'
import { networkingConfig, portMap } from './network.ts'
import { whole } from './whole.ts'

const strings = list(text())
const stringMap = map(text())

const healthConfig = struct<HealthConfig>('v1.HealthcheckConfig', {
  Test: strings,
  Interval: integer('time.Duration'),
  Timeout: integer('time.Duration'),
  StartPeriod: integer('time.Duration'),
  StartInterval: integer('time.Duration'),
  Retries: integer('int'),
})

const CONFIG: Fields<Omit<ContainerCreateRequest, 'HostConfig' | 'NetworkingConfig'>> = {
  Hostname: text(),
  Domainname: text(),
  User: text(),
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: map(nothing, 'nat.Port'),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: strings,
  Cmd: words,
  Healthcheck: healthConfig,
  ArgsEscaped: flag,
  Image: text(),
  Volumes: map(nothing),
  WorkingDir: text(),
  Entrypoint: words,
  NetworkDisabled: flag,
  MacAddress: text(),
  OnBuild: strings,
  Labels: stringMap,
  StopSignal: text(),
  StopTimeout: integer('int'),
  Shell: words,
}

const throttle = list(
  whole(struct<ThrottleDevice>('blkiodev.ThrottleDevice', { Path: text(), Rate: integer('uint64') }), {
    Path: '',
    Rate: 0,
  }),
)

const weight = list(
  whole(struct<WeightDevice>('blkiodev.WeightDevice', { Path: text(), Weight: integer('uint16') }), {
    Path: '',
    Weight: 0,
  }),
)

const device = whole(
  struct<DeviceMapping>('container.DeviceMapping', {
    PathOnHost: text(),
    PathInContainer: text(),
    CgroupPermissions: text(),
  }),
  { PathOnHost: '', PathInContainer: '', CgroupPermissions: '' },
)

const deviceRequest = whole(
  struct<DeviceRequest>('container.DeviceRequest', {
    Driver: text(),
    Count: integer('int'),
    DeviceIDs: strings,
    Capabilities: list(strings),
    Options: stringMap,
  }),
  { Driver: '', Count: 0, DeviceIDs: null, Capabilities: null, Options: null },
)

export const ulimit = whole(
  struct<Ulimit>('units.Ulimit', { Name: text(), Hard: integer(), Soft: integer() }),
  { Name: '', Hard: 0, Soft: 0 },
)

const RESOURCES: Fields<Resources> = {
  CpuShares: integer(),
  Memory: integer(),
  NanoCpus: integer(),
  CgroupParent: text(),
  BlkioWeight: integer('uint16'),
  BlkioWeightDevice: weight,
  BlkioDeviceReadBps: throttle,
  BlkioDeviceWriteBps: throttle,
  BlkioDeviceReadIOps: throttle,
  BlkioDeviceWriteIOps: throttle,
  CpuPeriod: integer(),
  CpuQuota: integer(),
  CpuRealtimePeriod: integer(),
  CpuRealtimeRuntime: integer(),
  CpusetCpus: text(),
  CpusetMems: text(),
  Devices: list(device),
  DeviceCgroupRules: strings,
  DeviceRequests: list(deviceRequest),
  MemoryReservation: integer(),
  MemorySwap: integer(),
  MemorySwappiness: integer(),
  OomKillDisable: flag,
  PidsLimit: integer(),
  Ulimits: list(ulimit),
  CpuCount: integer(),
  CpuPercent: integer(),
  IOMaximumIOps: integer('uint64'),
  IOMaximumBandwidth: integer('uint64'),
}

const restartPolicy = whole<RestartPolicy>(
  struct<RestartPolicy>('container.RestartPolicy', {
    Name: text<RestartPolicyName>('container.RestartPolicyMode'),
    MaximumRetryCount: integer('int'),
  }),
  { Name: '', MaximumRetryCount: 0 },
)

const mount = whole<MountRequest>(
  struct<MountRequest>('mount.Mount', {
    Type: text<MountType>('mount.Type'),
    Source: text(),
    Target: text(),
    ReadOnly: flag,
    Consistency: text('mount.Consistency'),
    BindOptions: struct<NonNullable<MountRequest['BindOptions']>>('mount.BindOptions', {
      Propagation: text('mount.Propagation'),
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
    VolumeOptions: struct<NonNullable<MountRequest['VolumeOptions']>>('mount.VolumeOptions', {
      NoCopy: flag,
      Labels: stringMap,
      Subpath: text(),
      DriverConfig: struct<{ Name?: string; Options?: Record<string, string> }>('mount.Driver', {
        Name: text(),
        Options: stringMap,
      }),
    }),
    ImageOptions: struct<NonNullable<MountRequest['ImageOptions']>>('mount.ImageOptions', {
      Subpath: text(),
    }),
    TmpfsOptions: struct<NonNullable<MountRequest['TmpfsOptions']>>('mount.TmpfsOptions', {
      SizeBytes: integer(),
      Mode: integer('fs.FileMode'),
      Options: list(strings),
    }),
  }),
  { Type: '', Target: '' },
)

const HOST_CONFIG: Fields<Omit<HostConfig, keyof Resources>> = {
  Binds: strings,
  ContainerIDFile: text(),
  LogConfig: whole(struct<LogConfig>('container.LogConfig', { Type: text(), Config: stringMap }), {
    Type: '',
    Config: null,
  }),
  NetworkMode: text('container.NetworkMode'),
  PortBindings: portMap,
  RestartPolicy: restartPolicy,
  AutoRemove: flag,
  VolumeDriver: text(),
  VolumesFrom: strings,
  ConsoleSize: pair(integer('uint')),
  Annotations: stringMap,
  CapAdd: list(text()),
  CapDrop: list(text()),
  CgroupnsMode: text('container.CgroupnsMode'),
  Dns: strings,
  DnsOptions: strings,
  DnsSearch: strings,
  ExtraHosts: strings,
  GroupAdd: strings,
  IpcMode: text('container.IpcMode'),
  Cgroup: text('container.CgroupSpec'),
  Links: strings,
  OomScoreAdj: integer('int'),
  PidMode: text('container.PidMode'),
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: strings,
  StorageOpt: stringMap,
  Tmpfs: stringMap,
  UTSMode: text('container.UTSMode'),
  UsernsMode: text('container.UsernsMode'),
  ShmSize: integer(),
  Sysctls: stringMap,
  Runtime: text(),
  Isolation: text('container.Isolation'),
  Mounts: list(mount),
  MaskedPaths: strings,
  ReadonlyPaths: strings,
  Init: flag,
}

const hostConfig = struct<HostConfig>('container.HostConfig', HOST_CONFIG, { Resources: RESOURCES })

export const createRequest = struct<ContainerCreateRequest>(
  'container.CreateRequest',
  { HostConfig: hostConfig, NetworkingConfig: networkingConfig },
  { Config: CONFIG },
)

/** Whether a create request configures a container at all; the rest of it only says where and how. */
export function hasConfig(request: ContainerCreateRequest): boolean {
  return Object.keys(request).some((key) => key in CONFIG)
}

export const updateRequest = struct<ContainerUpdateRequest>(
  'container.UpdateConfig',
  { RestartPolicy: restartPolicy },
  { Resources: RESOURCES },
)

export const execCreateRequest = struct<ExecCreateRequest>('container.ExecOptions', {
  User: text(),
  Privileged: flag,
  Tty: flag,
  ConsoleSize: pair(integer('uint')),
  AttachStdin: flag,
  AttachStderr: flag,
  AttachStdout: flag,
  DetachKeys: text(),
  Env: strings,
  WorkingDir: text(),
  Cmd: strings,
})

export const execStartRequest = struct<ExecStartRequest>('container.ExecStartOptions', {
  Detach: flag,
  Tty: flag,
  ConsoleSize: pair(integer('uint')),
})

/** The part of `docker commit`'s body that dockerd uses: it reads a create request and takes the configuration alone. */
export function configOf(request: ContainerCreateRequest): Partial<ContainerConfig> {
  const { HostConfig: _host, NetworkingConfig: _network, Cmd, Entrypoint, Shell, ...config } = request
  const asWords = (value: string | string[] | null) => (typeof value === 'string' ? [value] : value)
  return {
    ...config,
    ...(Cmd !== undefined && { Cmd: asWords(Cmd) }),
    ...(Entrypoint !== undefined && { Entrypoint: asWords(Entrypoint) }),
    ...(Shell !== undefined && { Shell: asWords(Shell) ?? [] }),
  }
}
