/** The volume and mount service as the container services and the API need it. volume-service.ts implements it. */
import type { Digest } from '../../../protocol/api/content.ts'
import type {
  MountPoint,
  MountRequest,
  VolumeCreateRequest,
  VolumeInspect,
} from '../../../protocol/api/engine-api.ts'

/** One mount of a container, ready for the OCI spec. */
export interface ResolvedMount {
  destination: string
  type: 'bind' | 'tmpfs'
  source: string
  /** OCI mount options: rbind, ro, rprivate, size=… */
  options: string[]
  /** The mount as `docker inspect` shows it. */
  point: MountPoint
  /** The mount is from `--tmpfs`: `docker inspect` has it in HostConfig.Tmpfs alone, not among the mounts. */
  hidden?: boolean
  /** The path below the source that is mounted. It is looked up, without leaving the source, as the container starts. */
  subpath?: string
  /** The image whose layers are merged at the source as the container starts. */
  image?: Digest
  /** A new, empty volume is filled from this path of the image before the first start (copy-up). */
  copyUp: boolean
}

/** An image that may be mounted. */
export interface MountableImage {
  id: Digest
  /** The directory on which the image's layers are merged. */
  directory: string
}

/** The parts of another container's mount that a container takes over. */
export type InheritedMount = Pick<ResolvedMount, 'point' | 'subpath' | 'image'>

export interface VolumeService {
  recover(): Promise<void>
  /**
   * Turns -v/--mount/--tmpfs/--volumes-from and the image's VOLUMEs into mounts, creating anonymous and named volumes.
   * Errors in Docker's words (`invalid volume specification: 'x'`, …).
   */
  resolveMounts(request: {
    containerId: string
    binds: string[]
    mounts: MountRequest[]
    tmpfs: Record<string, string>
    imageVolumes: string[]
    volumesFrom: InheritedMount[]
    /** Images by the source of the mounts of type `image`. */
    images?: ReadonlyMap<string, MountableImage>
    /** Read-only binds leave the mounts below their sources writable. */
    readOnlyNonRecursive?: boolean
  }): Promise<ResolvedMount[]>
  /** Copies the image's content of `imagePath` (a merged view of the root file system) into a volume that is empty. */
  copyUp(mount: ResolvedMount, imagePath: string): Promise<void>
  release(containerId: string, removeAnonymous: boolean): Promise<void>
  /**
   * Releases the containers whose creation an engine before this one did not finish, with their anonymous volumes. Call
   * it after `recover`.
   */
  releaseForgotten(isKnown: (containerId: string) => boolean): Promise<void>

  list(filters: Record<string, string[]>): Promise<VolumeInspect[]>
  inspect(name: string): Promise<VolumeInspect>
  create(request: VolumeCreateRequest): Promise<VolumeInspect>
  remove(name: string, force: boolean): Promise<void>
  prune(filters: Record<string, string[]>): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }>
}
