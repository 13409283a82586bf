/** Images as OCI describes them: https://github.com/opencontainers/image-spec */
export type Digest = `${'sha256' | 'sha512'}:${string}`

export interface Platform {
  os: string
  architecture: string
  variant?: string
  /** Windows images name the build they need, and the features of it. */
  'os.version'?: string
  'os.features'?: string[]
}

/** OCI image configuration: https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface OciImageConfig {
  created?: string
  author?: string
  architecture: string
  os: string
  /** Tells the variants of one architecture apart, e.g. `v7` of arm. */
  variant?: string
  config?: OciExecutionConfig
  rootfs: { type: 'layers'; diff_ids: Digest[] }
  history?: {
    created?: string
    created_by?: string
    author?: string
    comment?: string
    empty_layer?: boolean
  }[]
}

export interface OciExecutionConfig {
  User?: string
  ExposedPorts?: Record<string, Record<string, never>>
  Env?: string[]
  Entrypoint?: string[] | null
  Cmd?: string[] | null
  Volumes?: Record<string, Record<string, never>>
  WorkingDir?: string
  Labels?: Record<string, string>
  StopSignal?: string
  /** Docker's extensions to the OCI configuration. */
  Healthcheck?: {
    Test?: string[]
    Interval?: number
    Timeout?: number
    StartPeriod?: number
    StartInterval?: number
    Retries?: number
  }
  OnBuild?: string[]
  Shell?: string[]
}
