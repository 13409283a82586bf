/**
 * What the engine keeps of a container: written to `containers/<id>/config.json` before a change is acknowledged, read
 * again after a restart of the engine. Process identity is here only to ask the kernel whether it still holds.
 */
import type { Digest } from '../../../protocol/api/content.ts'
import type {
  ContainerConfig,
  ContainerStateName,
  EndpointSettings,
  Health,
  HostConfig,
} from '../../../protocol/api/engine-api.ts'
import type { ResolvedMount } from '../volume/volume-api.ts'

export interface StateRecord {
  status: ContainerStateName
  /** 0 without a process. */
  pid: number
  /** Clock ticks since boot: with pid, the identity of the first process. */
  startTime: number
  exitCode: number
  error: string
  /** RFC 3339, or ZERO_TIME. */
  startedAt: string
  finishedAt: string
  oomKilled: boolean
  health?: Health
}

/** What `--link` made on the default bridge: `/<own name>/<alias>` names the other container too. */
export interface ContainerLink {
  id: string
  /** With leading slash; the other's name when the link was made, for when it is gone. */
  name: string
  alias: string
}

export interface ContainerRecord {
  /** Of this file's format. */
  version: 1
  /** 64 hex digits. */
  id: string
  /** With leading slash. */
  name: string
  /** RFC 3339. */
  created: string
  path: string
  args: string[]
  /** Image id; empty for a container without image. */
  image: string
  /** Layers of the image, topmost first. */
  layers: Digest[]
  config: ContainerConfig
  hostConfig: HostConfig
  /** As the create request or a network connect asked for. */
  endpoints: Record<string, EndpointSettings>
  mounts: ResolvedMount[]
  /** Layers, topmost first, of the images that are mounted in it, by the image's id. */
  imageMounts?: Record<Digest, Digest[]>
  links?: ContainerLink[]
  state: StateRecord
  restartCount: number
  /** Its removal, begun and not over, takes its anonymous volumes too. */
  removeVolumes?: boolean
  /** Frozen by a commit, not by a client: thawed again whatever becomes of the commit. */
  pausedForCommit?: boolean
  /** The build that a step's container was made for: it goes when an engine finds that build unfinished. */
  build?: string
  /** `stop` or any `kill` came since its start: the policy `unless-stopped` leaves it alone, also over an engine restart. */
  manuallyStopped: boolean
}
