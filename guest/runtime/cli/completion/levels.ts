/** The model of a command line for completion: levels of commands with their flags, and the proposals at each place. */
import type { FlagSpec } from '../shared/flag-spec.ts'
import type { EngineApi } from '../../../vocabulary/engine-client/engine-api.ts'
import type { CliServices } from '../shared/services.ts'
import type { CliSession } from '../shared/session.ts'

/** The values of cobra's ShellCompDirective. */
export const DIRECTIVE = { default: 0, error: 1, noSpace: 2, noFiles: 4 } as const

export interface Proposal {
  text: string
  description?: string
}

export interface Completion {
  proposals: Proposal[]
  directive: number
}

/** The commands of one level, as far as completion needs to know them. */
export interface Level {
  flags: readonly FlagSpec[]
  /** Commands that may follow; none for a command that does something itself. */
  commands?: readonly Proposal[]
  /** Enters the level below a command. */
  enter?: (name: string) => Level | undefined
  /** Proposes its positional arguments; `given` are those before. */
  argument?: (given: readonly string[]) => Promise<Completion>
  interspersed: boolean
}

export interface Completer {
  session: CliSession
  services: CliServices
  api: EngineApi
}

export const NOTHING: Completion = { proposals: [], directive: DIRECTIVE.noFiles }
