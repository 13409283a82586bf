/** Configurations of images made here: by commit, by import. Pure. */
import type {
  Digest,
  ImageRecord,
  OciExecutionConfig,
  OciImageConfig,
  Platform,
} from '../../../protocol/api/content.ts'
import { OWN_PLATFORM } from '../../../vocabulary/platform.ts'
import type { ContainerConfig } from '../../../protocol/api/engine-api.ts'

const isSaid = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(typeof value === 'object' && Object.keys(value).length === 0)

/** The fields of a configuration that have a value, as an image keeps them. */
export function executionConfig(config: Partial<ContainerConfig>): OciExecutionConfig {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, Healthcheck } =
    config
  const { OnBuild, Shell } = config as OciExecutionConfig
  const fields = {
    User,
    ExposedPorts,
    Env,
    Entrypoint,
    Cmd,
    Volumes,
    WorkingDir,
    Labels,
    StopSignal,
    Healthcheck,
  }
  const said = Object.entries({ ...fields, OnBuild, Shell }).filter(([, value]) => isSaid(value))
  return Object.fromEntries(said) as OciExecutionConfig
}

const variable = (entry: string): string => entry.split('=', 1)[0]!

/** Takes from `base` what `own` leaves out: moby, daemon/commit.go, merge. */
export function mergeExecution(own: OciExecutionConfig, base: OciExecutionConfig): OciExecutionConfig {
  const env = own.Env ?? []
  const inherited = (base.Env ?? []).filter(
    (entry) => !env.some((other) => variable(other) === variable(entry)),
  )
  const commands =
    (own.Entrypoint?.length ?? 0) > 0 || (own.Cmd?.length ?? 0) > 0
      ? { Entrypoint: own.Entrypoint ?? base.Entrypoint, Cmd: own.Cmd }
      : { Entrypoint: own.Entrypoint ?? base.Entrypoint, Cmd: base.Cmd }
  return executionConfig({
    ...base,
    ...own,
    ...commands,
    Env: [...env, ...inherited],
    ExposedPorts: { ...base.ExposedPorts, ...own.ExposedPorts },
    Labels: { ...base.Labels, ...own.Labels },
    Volumes: { ...own.Volumes, ...base.Volumes },
    ...((own.Healthcheck || base.Healthcheck) && {
      Healthcheck: { ...base.Healthcheck, ...own.Healthcheck },
    }),
  } as Partial<ContainerConfig>)
}

export interface NewImage {
  parent?: ImageRecord
  config: OciExecutionConfig
  /** undefined when the step changed no file. */
  layer: Digest | undefined
  created: string
  createdBy?: string
  author?: string
  comment?: string
  /** undefined: the parent's platform, or the guest's without a parent. */
  platform?: Platform | undefined
}

/** The configuration of an image made from its parent, one step on: moby, image/image.go, NewChildImage. */
export function imageConfig({
  parent,
  config,
  layer,
  created,
  createdBy,
  author,
  comment,
  platform,
}: NewImage): OciImageConfig {
  const base = parent?.config
  const variant = platform ? platform.variant : base?.variant
  return {
    created,
    ...(author && { author }),
    architecture: platform?.architecture || base?.architecture || OWN_PLATFORM.architecture,
    os: platform?.os || base?.os || OWN_PLATFORM.os,
    ...(variant !== undefined && { variant }),
    config,
    rootfs: { type: 'layers', diff_ids: [...(base?.rootfs.diff_ids ?? []), ...(layer ? [layer] : [])] },
    history: [
      ...(base?.history ?? (base ? base.rootfs.diff_ids.map(() => ({})) : [])),
      {
        created,
        ...(createdBy && { created_by: createdBy }),
        ...(author && { author }),
        ...(comment && { comment }),
        ...(layer === undefined && { empty_layer: true }),
      },
    ],
  }
}
