/** Engine API 1.51: the configuration of a container (ContainerConfig, HostConfig, Resources). */
import type { NetworkingConfig, PortMap } from './network.ts'
import type { MountRequest } from './volume.ts'

/** Durations are nanoseconds; 0 means inherit. Test: [], ["NONE"], ["CMD", …] or ["CMD-SHELL", command]. */
export interface HealthConfig {
  Test?: string[]
  Interval?: number
  Timeout?: number
  Retries?: number
  StartPeriod?: number
  StartInterval?: number
}

export interface ContainerConfig {
  Hostname: string
  Domainname: string
  User: string
  AttachStdin: boolean
  AttachStdout: boolean
  AttachStderr: boolean
  ExposedPorts?: Record<string, Record<string, never>>
  Tty: boolean
  OpenStdin: boolean
  StdinOnce: boolean
  Env: string[] | null
  Cmd: string[] | null
  Healthcheck?: HealthConfig
  ArgsEscaped?: boolean
  /** As the request named it. */
  Image: string
  Volumes: Record<string, Record<string, never>> | null
  WorkingDir: string
  Entrypoint: string[] | null
  NetworkDisabled?: boolean
  MacAddress?: string
  OnBuild: string[] | null
  Labels: Record<string, string>
  StopSignal?: string
  /** Seconds. */
  StopTimeout?: number
  Shell?: string[]
}

export type RestartPolicyName = '' | 'no' | 'always' | 'unless-stopped' | 'on-failure'

export interface RestartPolicy {
  Name: RestartPolicyName
  MaximumRetryCount: number
}

export interface DeviceMapping {
  PathOnHost: string
  PathInContainer: string
  CgroupPermissions: string
}

export interface DeviceRequest {
  Driver: string
  Count: number
  DeviceIDs: string[] | null
  Capabilities: string[][] | null
  Options: Record<string, string> | null
}

export interface ThrottleDevice {
  Path: string
  /** Bytes per second or operations per second. */
  Rate: number
}

export interface WeightDevice {
  Path: string
  Weight: number
}

export interface Ulimit {
  Name: string
  Soft: number
  Hard: number
}

/** What `docker update` can change, and create can set. Memory in bytes; 0 = unset; MemorySwap -1 = unlimited. */
export interface Resources {
  CpuShares: number
  Memory: number
  NanoCpus: number
  CgroupParent: string
  BlkioWeight: number
  BlkioWeightDevice: WeightDevice[] | null
  BlkioDeviceReadBps: ThrottleDevice[] | null
  BlkioDeviceWriteBps: ThrottleDevice[] | null
  BlkioDeviceReadIOps: ThrottleDevice[] | null
  BlkioDeviceWriteIOps: ThrottleDevice[] | null
  /** Microseconds. */
  CpuPeriod: number
  CpuQuota: number
  CpuRealtimePeriod: number
  CpuRealtimeRuntime: number
  CpusetCpus: string
  CpusetMems: string
  Devices: DeviceMapping[] | null
  DeviceCgroupRules: string[] | null
  DeviceRequests: DeviceRequest[] | null
  MemoryReservation: number
  MemorySwap: number
  MemorySwappiness: number | null
  OomKillDisable: boolean | null
  PidsLimit: number | null
  Ulimits: Ulimit[] | null
  CpuCount: number
  CpuPercent: number
  IOMaximumIOps: number
  IOMaximumBandwidth: number
}

export interface LogConfig {
  Type: string
  Config: Record<string, string> | null
}

export interface HostConfig extends Resources {
  Binds: string[] | null
  ContainerIDFile: string
  LogConfig: LogConfig
  NetworkMode: string
  PortBindings: PortMap | null
  RestartPolicy: RestartPolicy
  AutoRemove: boolean
  VolumeDriver: string
  VolumesFrom: string[] | null
  /** Rows, columns. */
  ConsoleSize: [number, number]
  Annotations?: Record<string, string>
  CapAdd: string[] | null
  CapDrop: string[] | null
  CgroupnsMode: string
  Dns: string[] | null
  DnsOptions: string[] | null
  DnsSearch: string[] | null
  ExtraHosts: string[] | null
  GroupAdd: string[] | null
  IpcMode: string
  Cgroup: string
  Links: string[] | null
  OomScoreAdj: number
  PidMode: string
  Privileged: boolean
  PublishAllPorts: boolean
  ReadonlyRootfs: boolean
  SecurityOpt: string[] | null
  StorageOpt?: Record<string, string>
  Tmpfs?: Record<string, string>
  UTSMode: string
  UsernsMode: string
  /** Bytes. */
  ShmSize: number
  Sysctls?: Record<string, string>
  Runtime: string
  Isolation: string
  Mounts?: MountRequest[]
  /** null or absent: the default lists. */
  MaskedPaths: string[] | null
  ReadonlyPaths: string[] | null
  Init?: boolean | null
}

/** Docker's strslice: a list of words, or one word. */
export type Words = string | string[] | null

export interface ContainerCreateRequest extends Partial<
  Omit<ContainerConfig, 'Cmd' | 'Entrypoint' | 'Shell'>
> {
  Cmd?: Words
  Entrypoint?: Words
  Shell?: Words
  HostConfig?: Partial<HostConfig> | null
  NetworkingConfig?: NetworkingConfig | null
}

export interface ContainerCreateResponse {
  Id: string
  Warnings: string[]
}

export interface ContainerUpdateRequest extends Partial<Resources> {
  RestartPolicy?: RestartPolicy
}
