/** The instructions of a Dockerfile, typed. Variables are not expanded yet, except where a field says so. */
import type { HealthConfig } from '../../../../protocol/api/engine-api.ts'
import type { KeyValue } from './line-arguments.ts'

interface Written {
  /** As `Step 2/5 : …` shows it. */
  code: string
  /** Where it begins in the file; 0 for one that is not in it (`--label`, triggers). */
  line: number
}

export interface ShellOrExec {
  words: string[]
  /** The shell form: one word, for the shell to take apart. */
  shell: boolean
}

export interface InlineFile {
  name: string
  data: string
  expand: boolean
}

export interface SourcesAndDestination {
  sources: string[]
  /** Here-documents. */
  inline: InlineFile[]
  destination: string
}

export interface ArgDefinition {
  key: string
  /** Absent: only `--build-arg` gives it one. */
  value?: string
}

export interface CopyInstruction extends Written, SourcesAndDestination {
  kind: 'copy' | 'add'
  /** A stage's name or number, or an image; empty: the build context. */
  from: string
  chown: string
  chmod: string
  /** Options that only BuildKit has, as `--link`. */
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
  /** Lower case; empty without `AS`. */
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
