/** Engine API 1.51, tag Volume, and the mounts of a container. */

export type MountType = 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster'

/** One `--mount` of a create request (HostConfig.Mounts). */
export interface MountRequest {
  /** Empty when the request names none, which is refused. */
  Type: MountType | ''
  Source?: string
  Target: string
  ReadOnly?: boolean
  Consistency?: string
  BindOptions?: {
    Propagation?: string
    NonRecursive?: boolean
    CreateMountpoint?: boolean
    ReadOnlyNonRecursive?: boolean
    ReadOnlyForceRecursive?: boolean
  }
  VolumeOptions?: {
    NoCopy?: boolean
    Labels?: Record<string, string>
    DriverConfig?: { Name?: string; Options?: Record<string, string> }
    Subpath?: string
  }
  ImageOptions?: { Subpath?: string }
  /** Mode is a number (octal 1777 = 1023). */
  TmpfsOptions?: { SizeBytes?: number; Mode?: number; Options?: string[][] }
}

/** One mount as `docker inspect` shows it (ContainerInspect.Mounts). */
export interface MountPoint {
  Type: MountType
  Name?: string
  Source: string
  Destination: string
  Driver?: string
  Mode: string
  RW: boolean
  Propagation: string
}

export interface VolumeCreateRequest {
  Name?: string
  Driver?: string
  DriverOpts?: Record<string, string> | null
  Labels?: Record<string, string> | null
}

export interface VolumeInspect {
  Name: string
  Driver: string
  Mountpoint: string
  CreatedAt?: string
  Status?: Record<string, unknown>
  Labels: Record<string, string> | null
  Scope: 'local' | 'global'
  Options: Record<string, string> | null
  /** Only from /system/df. */
  UsageData?: { Size: number; RefCount: number } | null
}

export interface VolumeListResponse {
  Volumes: VolumeInspect[]
  Warnings: string[] | null
}

export interface VolumePruneResponse {
  VolumesDeleted: string[] | null
  SpaceReclaimed: number
}

/**
 * What the page keeps of the volumes over its reload: the lines of `GET /porthole/volumes`, one at once and one at each
 * change, and the answer of `POST /porthole/volumes/save`.
 */
export interface KeptVolumes {
  /** `none`: there is nothing to keep. `unsaved`: something is not kept as it is, and will not be soon; `reason` says why. */
  state: 'none' | 'saved' | 'saving' | 'unsaved'
  reason?: string
  /** Volumes with a name; when that what is kept of each was read. */
  volumes: { Name: string; SavedAt: string | null }[]
}
