/**
 * The shape of a row of the command table: everything that parsing, help texts and completion need to know about one
 * `docker` command. Handlers are loaded when first used, so that the table itself costs nothing.
 */
import type { CliContext, CliEnvironment, NoFlags } from './context.ts'
import type { FlagTable, TypesOf } from './flag-spec.ts'
import { parseFlags } from './parse-flags.ts'

/** Docker's rules for positional arguments (docker/cli `cli/required.go`). */
export type Positional =
  | { rule: 'none' }
  | { rule: 'exact'; count: number }
  | { rule: 'min'; count: number }
  | { rule: 'max'; count: number }
  | { rule: 'range'; min: number; max: number }

/** Resolves with the exit code; throws CliError or EngineError. */
export type Handler<Types = NoFlags> = (context: CliContext<Types>) => Promise<number>

/** The words about a command in help texts and completion. */
export interface CommandWords {
  /** `container`, `image` …; absent for a command that exists only at the top level. */
  group?: string
  /** The name within the group, or at the top level. */
  name: string
  aliases?: string[]
  /** The name that a command of a group also has at the top level: `docker ps` is `docker container ls`. */
  top?: string
  /** A further group that has this command under the same name: `docker builder build`. */
  alsoIn?: string
  /** The usage line's text after the name: `[OPTIONS] CONTAINER`. */
  operands: string
  summary: string
  /** Replaces the summary at the head of the command's help. */
  long?: string
  example?: string
  /** Position among the "Common Commands" of `docker --help`. */
  common?: number
  flags: FlagTable
  /** False: the first positional argument ends the flags, as a container's command needs. */
  interspersed?: false
  hidden?: true
}

/** A command line that was understood. */
export interface ParsedCommand<Environment> {
  args: string[]
  /** Names of the flags given. */
  given: readonly string[]
  /** Loads the handler and runs it. */
  run: (environment: Environment) => Promise<number>
}

export interface CommandSpec extends CommandWords {
  positional: Positional
  /** @throws FlagError, HelpRequested */
  parse: (argv: readonly string[]) => ParsedCommand<CliEnvironment>
}

interface CommandRow<Table extends FlagTable> extends CommandWords {
  positional: Positional
  flags: Table
  load: () => Promise<Handler<TypesOf<Table>>>
}

/** A row of the table. Its handler may read the flags that the row has, and no others: that is checked here. */
export function command<const Table extends FlagTable>({ load, ...row }: CommandRow<Table>): CommandSpec {
  return {
    ...row,
    parse: (argv) => {
      const { flags, args } = parseFlags(row.flags, argv, row.interspersed !== false)
      return {
        args,
        given: flags.given,
        run: async (environment) => (await load())({ ...environment, flags, args }),
      }
    },
  }
}

export interface GroupSpec {
  name: string
  summary: string
  /** Replaces the summary at the head of the group's help. */
  long?: string
  /** Docker's help marks the group and each of its commands as experimental. */
  experimental?: true
}
