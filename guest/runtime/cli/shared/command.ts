/**
 * The shape of a row of the command table: everything that parsing, help texts and completion need to know about one
 * `docker` command. Handlers are loaded when first used, so that the table itself costs nothing.
 */
import type { CliContext } from './context.ts'

/** Names as Docker's help texts print them; `bool` prints none. flag-values.ts holds a parser for each. */
export type FlagType =
  | 'bool'
  | 'string'
  | 'stringSlice'
  | 'list'
  | 'stringArray'
  | 'map'
  | 'int'
  | 'uint16'
  | 'uint'
  | 'bytes'
  | 'swap-bytes'
  | 'decimal'
  | 'duration'
  | 'filter'
  | 'mount'
  | 'network'
  | 'ulimit'
  | 'gpu-request'

export interface FlagSpec {
  name: string
  /** One letter, without the dash. */
  short?: string
  type: FlagType
  /** One line, or several where Docker's help breaks them itself. */
  usage: string
  /** As the help text shows it after `(default …)`; also the value when the flag isn't given. Without quotes. */
  default?: string
  /** What the help text shows in place of the type. */
  valueName?: string
  /** Accepted but not shown in help. */
  hidden?: true
  /** Refused when given, as by Docker's client before an engine without experimental features. */
  experimental?: true
  /** An old spelling: the value goes to the flag of this name. */
  storesAs?: string
  /** Checks and normalises one given value; throws an Error with Docker's sentence. */
  check?: (value: string) => string
}

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
  /** `container`, `image` …; none for a command of the top level alone. */
  group?: string
  /** Within the group, or of the top level. */
  name: string
  aliases?: string[]
  /** The name that a command of a group also has at the top level: `docker ps` is `docker container ls`. */
  top?: string
  /** A further group that has this command under the same name: `docker builder build`. */
  alsoIn?: string
  /** What follows the name in the usage line: `[OPTIONS] CONTAINER`. */
  operands: string
  summary: string
  /** Instead of the summary at the head of the command's help. */
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
  /** Instead of the summary at the head of the group's help. */
  long?: string
  /** Docker calls the group and each of its commands so in their help. */
  experimental?: true
}

/** A failure with its exit code; the message is printed as it stands, an empty one prints nothing. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
