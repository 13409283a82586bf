/**
 * Applies Dockerfile instructions to a configuration, for `commit --change` and `import --change`. Source: moby
 * builder/dockerfile/builder.go, BuildFromConfig.
 */
import { posix } from 'node:path'
import type { OciExecutionConfig } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { BuildArgs } from './build-args.ts'
import { changeConfig, exposeAll, type ConfigState } from './steps/dispatch-config.ts'
import type { Instruction } from './dockerfile/instructions.ts'
import { parseInstructions } from './dockerfile/parse-dockerfile.ts'
import { parseLines } from './dockerfile/parse-lines.ts'
import { expandWords, variablesOf, type LexOptions } from './dockerfile/shell-lex.ts'
import { expandInstruction } from './steps/expand-instruction.ts'

const ALLOWED = new Set(
  'cmd entrypoint healthcheck env expose label onbuild stopsignal user volume workdir'.split(' '),
)

function checkAllowed(text: string): void {
  for (const { name } of parseLines(text).lines) {
    if (!ALLOWED.has(name.toLowerCase()))
      throw new EngineError('invalid', `${name} is not a valid change command`, { instruction: name })
  }
}

function apply(state: ConfigState, written: Instruction, lex: LexOptions): void {
  const { config } = state
  const variables = variablesOf(config.Env ?? [])
  const instruction = expandInstruction(written, variables, lex)
  switch (instruction.kind) {
    case 'run':
    case 'copy':
    case 'add':
      throw new EngineError('invalid', `${instruction.kind} is not a valid change command`)
    case 'workdir':
      config.WorkingDir = posix.resolve('/', config.WorkingDir ?? '', instruction.path)
      return
    case 'expose':
      return exposeAll(
        config,
        instruction.ports.flatMap((port) => expandWords(port, variables, lex)),
      )
    default:
      changeConfig(state, instruction)
  }
}

/**
 * The configuration after the instructions.
 * @throws EngineError `invalid` in Docker's words
 */
export function applyChanges(config: OciExecutionConfig, changes: readonly string[]): OciExecutionConfig {
  const text = changes.join('\n')
  if (text.trim() === '') return config
  checkAllowed(text)
  const { instructions, escape } = parseInstructions(text)
  const state: ConfigState = {
    config: structuredClone(config),
    args: new BuildArgs(new Map()),
    maintainer: '',
    cmdSet: false,
  }
  for (const instruction of instructions) apply(state, instruction, { escape })
  return state.config
}
