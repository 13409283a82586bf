/** What a build was asked for: the parameters of `POST /build` that the classic builder follows. */
import type { AuthConfig, Ulimit } from '../../../protocol/api/engine-api.ts'

export interface BuildOptions {
  /** Name of the Dockerfile in the context. */
  dockerfile: string
  /** As given, checked before the build begins. */
  tags: string[]
  quiet: boolean
  noCache: boolean
  cacheFrom: string[]
  /** Remove the containers of a step that succeeded. */
  remove: boolean
  /** … and of one that failed. */
  forceRemove: boolean
  pull: boolean
  target: string
  /** null: named without a value. */
  buildArgs: Map<string, string | null>
  labels: Record<string, string>
  /** Empty: the machine's own. */
  platform: string
  /** A URL instead of a body. */
  remote: string
  /** By registry, for base images. */
  auth: Record<string, AuthConfig>
  resources: BuildResources
}

/** Of the containers of RUN. */
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
