/** Engine API 1.51, tag Image. */
import type { Platform } from './content.ts'
import type { GraphDriver } from './container.ts'
import type { HealthConfig } from './container-config.ts'

export interface OciDescriptor {
  mediaType: string
  digest: string
  size: number
  platform?: Platform
}

/** The image's own configuration, as `docker image inspect` shows it. */
export interface ImageConfig {
  User?: string
  ExposedPorts?: Record<string, Record<string, never>>
  Env?: string[]
  Cmd?: string[] | null
  Healthcheck?: HealthConfig
  ArgsEscaped?: boolean
  Volumes?: Record<string, Record<string, never>> | null
  WorkingDir?: string
  Entrypoint?: string[] | null
  OnBuild?: string[] | null
  Labels?: Record<string, string> | null
  StopSignal?: string
  Shell?: string[]
}

export interface ImageSummary {
  Id: string
  ParentId: string
  RepoTags: string[]
  RepoDigests: string[]
  /** Seconds since the epoch. */
  Created: number
  /** Bytes unpacked. */
  Size: number
  /** -1 unless asked for. */
  SharedSize: number
  /** Containers using it; -1 unless asked for. */
  Containers: number
  Labels: Record<string, string> | null
}

export interface ImageInspect {
  Id: string
  RepoTags: string[]
  RepoDigests: string[]
  Parent: string
  Comment: string
  Created?: string
  DockerVersion: string
  Author: string
  Architecture: string
  Variant?: string
  Os: string
  Size: number
  GraphDriver: GraphDriver
  RootFS: { Type: string; Layers?: string[] }
  Metadata: { LastTagTime: string }
  Descriptor?: OciDescriptor
  Config: ImageConfig
}

export interface ImageHistoryItem {
  /** `<missing>` for layers that have no image of their own. */
  Id: string
  /** Seconds since the epoch. */
  Created: number
  CreatedBy: string
  Tags: string[] | null
  Size: number
  Comment: string
}

export interface ImageDeleteItem {
  Untagged?: string
  Deleted?: string
}

export interface ImagePruneResponse {
  ImagesDeleted: ImageDeleteItem[] | null
  SpaceReclaimed: number
}

export interface ImageSearchItem {
  description: string
  is_official: boolean
  is_automated: boolean
  name: string
  star_count: number
}

/** One line of the JSON stream of pull, push, load, import and build. */
export interface JsonProgress {
  id?: string
  status?: string
  progress?: string
  progressDetail?: { current?: number; total?: number; start?: number; units?: string }
  stream?: string
  aux?: Record<string, unknown>
  error?: string
  errorDetail?: { code?: number; message: string }
}

export interface DistributionInspect {
  Descriptor: OciDescriptor
  Platforms: Platform[]
}

export interface IdResponse {
  Id: string
}
