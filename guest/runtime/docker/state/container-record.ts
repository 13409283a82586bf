/**
 * The record of a container: written to `containers/<id>/config.json` before a change is acknowledged, read again after
 * a restart of the engine. Process identity is here only to ask the kernel whether it still holds.
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
  /** Clock ticks since boot; with `pid` they identify the first process. */
  startTime: number
  exitCode: number
  error: string
  /** RFC 3339, or ZERO_TIME. */
  startedAt: string
  finishedAt: string
  oomKilled: boolean
  health?: Health
}

/** A link that `--link` made on the default bridge: `/<own name>/<alias>` names the other container too. */
export interface ContainerLink {
  id: string
  /** The other's name, with leading slash, when the link was made; it is shown when the other is gone. */
  name: string
  alias: string
}

export interface ContainerRecord {
  /** The version of this file's format. */
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
  /** Endpoints as the create request or a network connect asked for. */
  endpoints: Record<string, EndpointSettings>
  mounts: ResolvedMount[]
  /** Layers of the images that are mounted in the container, topmost first, by the image's id. */
  imageMounts?: Record<Digest, Digest[]>
  links?: ContainerLink[]
  state: StateRecord
  restartCount: number
  /** A removal that has begun takes the container's anonymous volumes too. */
  removeVolumes?: boolean
  /** A commit froze the container, not a client, so it is thawed again whatever becomes of the commit. */
  pausedForCommit?: boolean
  /** The build of which the container is a step: an engine that finds that build unfinished removes it. */
  build?: string
  /**
   * `stop` or any `kill` came since the start, so the policy `unless-stopped` leaves the container alone, also over an
   * engine restart.
   */
  manuallyStopped: boolean
}
