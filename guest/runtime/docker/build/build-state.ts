/** The state of a running build and of the stage that it is at. */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import type { RootedTree } from '../../host/files/rooted-tree.ts'
import type { BuildArgs } from './build-args.ts'
import type { BuildHost } from './build-host.ts'
import type { BuildOptions } from './build-options.ts'
import type { BuildOutput } from './build-output.ts'
import type { LexOptions } from './dockerfile/shell-lex.ts'
import type { RunConfig } from './run-config.ts'
import type { StageResults } from './stage-results.ts'
import type { StepCache } from './steps/step-cache.ts'

export interface Build {
  host: BuildHost
  options: BuildOptions
  output: BuildOutput
  cache: StepCache
  /** Undefined when the context was a Dockerfile and nothing else. */
  context: RootedTree | undefined
  results: StageResults
  lex: LexOptions
  /** Ids of the steps' containers, which are to be removed. */
  containers: Set<string>
  /** Aborted when the client has gone. */
  signal: AbortSignal
}

export interface StageState {
  name: string
  /** The last step's image; undefined below `FROM scratch`. */
  image: ImageRecord | undefined
  config: RunConfig
  args: BuildArgs
  maintainer: string
  /** This Dockerfile set CMD, so a later ENTRYPOINT keeps it. */
  cmdSet: boolean
  os: string
  architecture: string
}

/** The short id that `docker images` shows; empty for scratch. */
export const shortImage = (image: ImageRecord | undefined): string =>
  image === undefined ? '' : image.id.replace(/^sha256:/, '').slice(0, 12)
