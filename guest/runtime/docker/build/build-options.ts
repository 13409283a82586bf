/** The parameters of `POST /build` that the classic builder follows. */
import type { AuthConfig, Ulimit } from '../../../protocol/api/engine-api.ts'

export interface BuildOptions {
  /** Name of the Dockerfile in the context. */
  dockerfile: string
  /** Names as the client gave them; they are checked before the build begins. */
  tags: string[]
  quiet: boolean
  noCache: boolean
  cacheFrom: string[]
  /** Removes the containers of a step that succeeded. */
  remove: boolean
  /** Removes the containers of a step that failed, too. */
  forceRemove: boolean
  pull: boolean
  target: string
  /** null for an argument that was named without a value. */
  buildArgs: Map<string, string | null>
  labels: Record<string, string>
  /** Empty: the machine's own. */
  platform: string
  /** The URL of the context, instead of a body; else empty. */
  remote: string
  /** Credentials for base images, by registry. */
  auth: Record<string, AuthConfig>
  resources: BuildResources
}

/** Limits and settings of the containers that RUN makes. */
export interface BuildResources {
  memory: number
  memorySwap: number
  cpuShares: number
  cpuPeriod: number
  cpuQuota: number
  cpusetCpus: string
  cpusetMems: string
  cgroupParent: string
  networkMode: string
  extraHosts: string[]
  shmSize: number
  ulimits: Ulimit[]
}
