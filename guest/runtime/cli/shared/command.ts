/**
 * The shape of a row of the command table: everything that parsing, help texts and completion need to know about one
 * `docker` command. Handlers are loaded when first used, so that the table itself costs nothing.
 */
import type { CliContext } from './context.ts'
import type { FlagSpec } from './flag-spec.ts'

/** Docker's rules for positional arguments (docker/cli `cli/required.go`). */
export type Positional =
  | { rule: 'none' }
  | { rule: 'exact'; count: number }
  | { rule: 'min'; count: number }
  | { rule: 'max'; count: number }
  | { rule: 'range'; min: number; max: number }

/** Resolves with the exit code; throws CliError or EngineError. */
export type Handler = (context: CliContext) => Promise<number>

export interface CommandSpec {
  /** `container`, `image` …; absent for a command that exists only at the top level. */
  group?: string
  /** The name within the group, or at the top level. */
  name: string
  aliases?: string[]
  /** The name that a command of a group also has at the top level: `docker ps` is `docker container ls`. */
  top?: string
  /** A further group that has this command under the same name: `docker builder build`. */
  alsoIn?: string
  /** What follows the name in the usage line: `[OPTIONS] CONTAINER`. */
  operands: string
  summary: string
  /** Replaces the summary at the head of the command's help. */
  long?: string
  example?: string
  /** Position among the "Common Commands" of `docker --help`. */
  common?: number
  positional: Positional
  flags: readonly FlagSpec[]
  /** False: the first positional argument ends the flags, as a container's command needs. */
  interspersed?: false
  hidden?: true
  load: () => Promise<Handler>
}

export interface GroupSpec {
  name: string
  summary: string
  /** Replaces the summary at the head of the group's help. */
  long?: string
  /** Docker's help marks the group and each of its commands as experimental. */
  experimental?: true
}
