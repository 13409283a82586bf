/** Engine API 1.51, tag System. */
import type { ContainerSummary } from './container.ts'
import type { ImageSummary } from './image.ts'
import type { VolumeInspect } from './volume.ts'

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder' | 'plugin'

export interface EngineEvent {
  Type: EventType
  /** create, start, die, `exec_create: sh`, … */
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  scope: 'local'
  /** Seconds since the epoch. */
  time: number
  /** Nanoseconds since the epoch: more than a double holds, so the last digits are rounded in JavaScript. */
  timeNano: number
  /** What Action, Actor.ID and Attributes.image were called in old clients' events of containers and images. */
  status?: string
  id?: string
  from?: string
}

export interface SystemVersion {
  Platform: { Name: string }
  Components: { Name: string; Version: string; Details?: Record<string, string> }[]
  Version: string
  ApiVersion: string
  MinAPIVersion: string
  GitCommit: string
  /** Docker names the version of Go here; we answer Node's. */
  GoVersion: string
  Os: string
  Arch: string
  KernelVersion: string
  Experimental?: boolean
  BuildTime: string
}

export interface SystemInfo {
  ID: string
  Containers: number
  ContainersRunning: number
  ContainersPaused: number
  ContainersStopped: number
  Images: number
  Driver: string
  DriverStatus: [string, string][]
  Plugins: { Volume: string[]; Network: string[]; Authorization: string[] | null; Log: string[] }
  MemoryLimit: boolean
  SwapLimit: boolean
  CpuCfsPeriod: boolean
  CpuCfsQuota: boolean
  CPUShares: boolean
  CPUSet: boolean
  PidsLimit: boolean
  IPv4Forwarding: boolean
  OomKillDisable: boolean
  Debug: boolean
  NFd: number
  NGoroutines: number
  SystemTime: string
  LoggingDriver: string
  CgroupDriver: string
  CgroupVersion: string
  NEventsListener: number
  KernelVersion: string
  OperatingSystem: string
  OSVersion: string
  OSType: string
  Architecture: string
  IndexServerAddress: string
  RegistryConfig: {
    IndexConfigs: Record<string, { Name: string; Mirrors: string[]; Secure: boolean; Official: boolean }>
    InsecureRegistryCIDRs: string[]
    Mirrors: string[] | null
  }
  NCPU: number
  /** Bytes. */
  MemTotal: number
  GenericResources: null
  DockerRootDir: string
  HttpProxy: string
  HttpsProxy: string
  NoProxy: string
  Name: string
  Labels: string[]
  ExperimentalBuild: boolean
  ServerVersion: string
  Runtimes: Record<string, { path?: string }>
  DefaultRuntime: string
  Swarm: {
    NodeID: string
    NodeAddr: string
    LocalNodeState: 'inactive'
    ControlAvailable: false
    Error: string
    RemoteManagers: null
  }
  LiveRestoreEnabled: boolean
  Isolation: string
  InitBinary: string
  ContainerdCommit: { ID: string }
  RuncCommit: { ID: string }
  InitCommit: { ID: string }
  SecurityOptions: string[]
  CDISpecDirs: string[] | null
  Warnings: string[] | null
}

export interface BuildCacheRecord {
  ID: string
  Type: string
  Description: string
  InUse: boolean
  Shared: boolean
  Size: number
  CreatedAt: string
  LastUsedAt: string | null
  UsageCount: number
}

export interface SystemDiskUsage {
  LayersSize: number
  Images: ImageSummary[]
  Containers: ContainerSummary[]
  Volumes: VolumeInspect[]
  BuildCache: BuildCacheRecord[]
}

export interface AuthConfig {
  username?: string
  password?: string
  email?: string
  serveraddress?: string
  identitytoken?: string
  registrytoken?: string
}
