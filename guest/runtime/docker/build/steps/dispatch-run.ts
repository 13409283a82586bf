/** RUN: runs a container of the last step's image, and makes what it wrote the next one's layer. */
import { EngineError } from '../../../../protocol/errors.ts'
import type { BuildArgs } from '../build-args.ts'
import type { Build, StageState } from '../build-state.ts'
import { commitImage, createStepContainer, probeCache } from './commit-step.ts'
import { commandLine } from './dispatch-config.ts'
import { parseHeredoc } from '../dockerfile/heredoc.ts'
import type { InlineFile, RunInstruction } from '../dockerfile/instructions.ts'

export const needsBuildKit = (option: string): EngineError =>
  new EngineError(
    'invalid',
    `the --${option} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`,
    { option },
  )

/** The directory in which a here-document that is a script appears in the container, as in BuildKit. */
const SCRIPTS = '/dev/pipes'

interface Command {
  words: string[]
  shell: boolean
  script?: InlineFile
}

/**
 * Turns here-documents into a command: a single one is the command, or a program when it begins with `#!`; others are
 * the shell's own.
 */
function withHeredocs({ words, shell, files }: RunInstruction): Command {
  const [first] = files
  if (!first || words.length !== 1) return { words, shell }
  if (!parseHeredoc(words[0]!))
    return { words: [words[0]! + files.map(({ data, name }) => `\n${data}${name}`).join('')], shell }
  if (!first.data.startsWith('#!')) return { words: [first.data], shell }
  return { words: [`${SCRIPTS}/${first.name}`], shell, script: first }
}

/**
 * The command as history and cache have it: build arguments are part of what identifies the step, and stand before its
 * command, after `|` and their number.
 */
function recordedCommand(args: BuildArgs, environment: readonly string[], command: string[]): string[] {
  if (environment.length === 0) return command
  const counted = environment.filter((entry) => args.counts(entry.split('=', 1)[0]!)).toSorted()
  return [`|${counted.length}`, ...counted, ...command]
}

function failure(command: readonly string[], code: number): EngineError {
  return new EngineError('internal', `The command '${command.join(' ')}' returned a non-zero code: ${code}`, {
    code,
  })
}

export async function dispatchRun(
  build: Build,
  state: StageState,
  instruction: RunInstruction,
): Promise<void> {
  const [option] = instruction.flagsUsed
  if (option !== undefined) throw needsBuildKit(option)
  const { script, ...line } = withHeredocs(instruction)
  const command = commandLine(state.config, line)
  const environment = state.args.environment(state.config.Env ?? [])
  const recorded = recordedCommand(state.args, environment, command)
  const content = script && [`#(script) ${script.data}`]
  const step = {
    ...state.config,
    Cmd: [...recorded, ...(content ?? [])],
    ...(recorded.length > 0 && { Entrypoint: null }),
  }
  if (await probeCache(build, state, step)) return
  const binds = script
    ? [`${await build.host.writeScript(script.name, script.data)}:${SCRIPTS}/${script.name}:ro`]
    : []
  const config = {
    ...state.config,
    Cmd: command,
    Env: [...(state.config.Env ?? []), ...environment],
    Entrypoint: [''],
    Healthcheck: { Test: ['NONE'] },
  }
  const id = await createStepContainer(build, state, config, binds)
  const code = await build.host.run(id, build.output)
  if (code !== 0) throw failure(command, code)
  await commitImage(build, state, step, await build.host.layerOf(id))
}
