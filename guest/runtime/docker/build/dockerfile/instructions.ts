/** The instructions of a Dockerfile, typed. Variables are not expanded yet, except where a field says so. */
import type { HealthConfig } from '../../../../protocol/api/engine-api.ts'
import type { KeyValue } from './line-arguments.ts'

interface Written {
  /** The text that `Step 2/5 : …` shows. */
  code: string
  /**
   * The line of the file where the instruction begins; 0 for an instruction that is not in the file (`--label`,
   * triggers).
   */
  line: number
}

export interface ShellOrExec {
  words: string[]
  /** The instruction has the shell form: its one word is for the shell to take apart. */
  shell: boolean
}

export interface InlineFile {
  name: string
  data: string
  expand: boolean
}

export interface SourcesAndDestination {
  sources: string[]
  /** Files whose content stands in the Dockerfile, as here-documents. */
  inline: InlineFile[]
  destination: string
}

export interface ArgDefinition {
  key: string
  /** Absent when only `--build-arg` can give the argument a value. */
  value?: string
}

export interface CopyInstruction extends Written, SourcesAndDestination {
  kind: 'copy' | 'add'
  /** A stage's name or number, or an image; empty for the build context. */
  from: string
  chown: string
  chmod: string
  /** Given options that only BuildKit has, such as `--link`. */
  unsupported: string[]
}

export interface RunInstruction extends Written, ShellOrExec {
  kind: 'run'
  files: InlineFile[]
  flagsUsed: string[]
}

export type Instruction =
  | (Written & { kind: 'env'; pairs: KeyValue[] })
  | (Written & { kind: 'label'; pairs: KeyValue[]; literal: boolean })
  | (Written & { kind: 'arg'; definitions: ArgDefinition[] })
  | (Written & { kind: 'maintainer'; maintainer: string })
  | (Written & { kind: 'onbuild'; expression: string })
  | (Written & { kind: 'workdir'; path: string })
  | (Written & { kind: 'user'; user: string })
  | (Written & { kind: 'volume'; volumes: string[] })
  | (Written & { kind: 'expose'; ports: string[] })
  | (Written & { kind: 'stopsignal'; signal: string })
  | (Written & { kind: 'shell'; shell: string[] })
  | (Written & { kind: 'healthcheck'; healthcheck: HealthConfig })
  | (Written & ShellOrExec & { kind: 'cmd' })
  | (Written & ShellOrExec & { kind: 'entrypoint' })
  | RunInstruction
  | CopyInstruction

export type InstructionOf<Kind extends Instruction['kind']> = Extract<Instruction, { kind: Kind }>

export interface Stage extends Written {
  kind: 'from'
  /** The stage's name in lower case; empty without `AS`. */
  name: string
  base: string
  platform: string
  instructions: Instruction[]
}

export interface Dockerfile {
  /** ARGs before the first FROM. */
  globals: InstructionOf<'arg'>[]
  stages: Stage[]
  escape: string
  warnings: string[]
}
