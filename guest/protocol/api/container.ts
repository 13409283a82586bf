/** Engine API 1.51, tag Container: what the engine answers about containers. */
import type { ContainerStateName } from '../states/container-states.ts'
import type { ContainerConfig, HostConfig } from './container-config.ts'
import type { EndpointSettings, NetworkSettings } from './network.ts'
import type { MountPoint } from './volume.ts'

export type HealthStatusName = 'none' | 'starting' | 'healthy' | 'unhealthy'

export interface HealthProbeResult {
  Start: string
  End: string
  /** 0 healthy, 1 unhealthy, 2 reserved, others an error of the probe. */
  ExitCode: number
  Output: string
}

export interface Health {
  Status: HealthStatusName
  FailingStreak: number
  /** The last five. */
  Log: HealthProbeResult[] | null
}

export interface ContainerState {
  Status: ContainerStateName
  Running: boolean
  Paused: boolean
  Restarting: boolean
  OOMKilled: boolean
  Dead: boolean
  /** 0 when not running. */
  Pid: number
  ExitCode: number
  Error: string
  StartedAt: string
  FinishedAt: string
  Health?: Health
}

export interface GraphDriver {
  Name: string
  Data: Record<string, string> | null
}

export interface ContainerInspect {
  Id: string
  Created: string
  Path: string
  Args: string[]
  State: ContainerState
  /** Image id (sha256:…). */
  Image: string
  ResolvConfPath: string
  HostnamePath: string
  HostsPath: string
  LogPath: string
  /** With leading slash. */
  Name: string
  RestartCount: number
  Driver: string
  Platform: string
  MountLabel: string
  ProcessLabel: string
  AppArmorProfile: string
  ExecIDs: string[] | null
  HostConfig: HostConfig
  GraphDriver: GraphDriver
  /** Only with ?size=1. */
  SizeRw?: number
  SizeRootFs?: number
  Mounts: MountPoint[]
  Config: ContainerConfig
  NetworkSettings: NetworkSettings
}

export interface PortSummary {
  IP?: string
  PrivatePort: number
  PublicPort?: number
  Type: string
}

export interface ContainerSummary {
  Id: string
  /** With leading slashes. */
  Names: string[]
  Image: string
  ImageID: string
  Command: string
  /** Seconds since the epoch. */
  Created: number
  Ports: PortSummary[]
  SizeRw?: number
  SizeRootFs?: number
  Labels: Record<string, string>
  State: ContainerStateName
  /** `Up 2 minutes (healthy)`, `Exited (0) 3 seconds ago`, … */
  Status: string
  HostConfig: { NetworkMode: string; Annotations?: Record<string, string> }
  NetworkSettings: { Networks: Record<string, EndpointSettings> }
  Mounts: MountPoint[]
}

export interface ContainerTop {
  Titles: string[]
  Processes: string[][]
}

export interface ContainerWaitResponse {
  StatusCode: number
  Error?: { Message: string } | null
}

export interface ContainerPruneResponse {
  ContainersDeleted: string[] | null
  SpaceReclaimed: number
}

/** Kind: 0 modified, 1 added, 2 deleted. */
export interface FilesystemChange {
  Path: string
  Kind: 0 | 1 | 2
}

export interface ContainerUpdateResponse {
  Warnings: string[] | null
}
