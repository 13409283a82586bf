/**
 * Evaluates a Dockerfile step by step: the loop of Docker's classic builder (moby builder/dockerfile/builder.go), with
 * its lines of output.
 */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { RootedTree } from '../../host/files/rooted-tree.ts'
import { BuildArgs } from './build-args.ts'
import type { BuildHost } from './build-host.ts'
import type { BuildOptions } from './build-options.ts'
import type { BuildOutput } from './build-output.ts'
import { shortImage, type Build, type StageState } from './build-state.ts'
import { dispatch } from './steps/dispatch.ts'
import { beginStage } from './steps/dispatch-from.ts'
import type { Dockerfile, Instruction, InstructionOf, Stage } from './dockerfile/instructions.ts'
import { parseInstructions } from './dockerfile/parse-dockerfile.ts'
import { quote } from '../../../vocabulary/go-quote.ts'
import { expandWord } from './dockerfile/shell-lex.ts'
import { StageResults } from './stage-results.ts'
import { LocalStepCache, NO_CACHE } from './steps/step-cache.ts'

export interface BuildInput {
  dockerfile: Dockerfile
  context: RootedTree | undefined
  options: BuildOptions
  host: BuildHost
  output: BuildOutput
  signal: AbortSignal
}

const labelInstruction = ([key, value]: [string, string]): Instruction => ({
  kind: 'label',
  code: `LABEL ${key}=${value}`,
  line: 0,
  pairs: [{ key, value }],
  literal: true,
})

/** The stages up to the target; the last one ends with the `--label`s. */
function wantedStages({ stages }: Dockerfile, { target, labels }: BuildOptions): Stage[] {
  let wanted = stages
  if (target !== '') {
    const at = stages.findIndex(({ name }) => name === target.toLowerCase())
    if (at < 0)
      throw new EngineError('invalid', `target stage ${quote(target)} could not be found`, { target })
    wanted = stages.slice(0, at + 1)
  }
  const last = wanted.at(-1)
  if (!last) return []
  const added = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(labelInstruction)
  return [...wanted.slice(0, -1), { ...last, instructions: [...last.instructions, ...added] }]
}

class Evaluation {
  readonly #build: Build
  readonly #args: BuildArgs
  readonly #stages: Stage[]
  readonly #globals: InstructionOf<'arg'>[]
  readonly #steps: number
  #step = 0

  constructor({ dockerfile, ...input }: BuildInput) {
    const { options, host } = input
    this.#build = {
      ...input,
      cache: options.noCache ? NO_CACHE : new LocalStepCache(host, options.cacheFrom),
      results: new StageResults(),
      lex: { escape: dockerfile.escape },
      containers: new Set(),
    }
    this.#args = new BuildArgs(options.buildArgs)
    this.#stages = wantedStages(dockerfile, options)
    this.#globals = dockerfile.globals
    const instructions = this.#stages.reduce((sum, stage) => sum + stage.instructions.length, 0)
    this.#steps = this.#globals.length + this.#stages.length + instructions
  }

  #say(text: string): Promise<void> {
    return this.#build.output.stdout(text)
  }

  async #announce(code: string): Promise<void> {
    if (this.#build.signal.aborted) {
      await this.#say('Build cancelled\n')
      throw new EngineError('unavailable', 'Build cancelled')
    }
    await this.#say(`Step ${++this.#step}/${this.#steps} : ${code}\n`)
  }

  async run(): Promise<ImageRecord> {
    for (const meta of this.#globals) await this.#global(meta)
    let state: StageState | undefined
    for (const stage of this.#stages) state = await this.#stage(stage)
    const unused = this.#args.unused
    if (unused.length > 0)
      await this.#say(`[Warning] One or more build-args [${unused.join(' ')}] were not consumed\n`)
    if (!state?.image) throw new EngineError('invalid', 'No image was generated. Is your Dockerfile empty?')
    return state.image
  }

  async #global({ code, definitions }: InstructionOf<'arg'>): Promise<void> {
    await this.#announce(code)
    for (const { key, value } of definitions) {
      const expand = (word: string) => expandWord(word, this.#args.allowed, this.#build.lex)
      this.#args.defineGlobal(expand(key), value === undefined ? undefined : expand(value))
    }
  }

  async #stage(stage: Stage): Promise<StageState> {
    const { results, output } = this.#build
    if (stage.name !== '') results.checkName(stage.name)
    await this.#announce(stage.code)
    const state = await beginStage(this.#build, stage, this.#args)
    await this.#triggers(state)
    await this.#say(` ---> ${shortImage(state.image)}\n`)
    for (const instruction of stage.instructions) {
      await this.#announce(instruction.code)
      await dispatch(this.#build, state, instruction)
      await this.#say(` ---> ${shortImage(state.image)}\n`)
    }
    if (state.image) await output.write({ aux: { ID: state.image.id } })
    results.add(stage.name, state.image)
    return state
  }

  /** Runs the ONBUILD triggers of the base image. */
  async #triggers(state: StageState): Promise<void> {
    const triggers = state.config.OnBuild ?? []
    if (triggers.length === 0) return
    state.config.OnBuild = []
    await this.#say(`# Executing ${triggers.length} build trigger${triggers.length > 1 ? 's' : ''}\n`)
    for (const trigger of triggers) {
      const [instruction, ...more] = parseInstructions(trigger).instructions
      if (!instruction || more.length > 0)
        throw new EngineError('invalid', 'onbuild trigger should be a single expression', { trigger })
      await dispatch(this.#build, state, instruction)
    }
  }
}

/**
 * Builds the image. Throws what stopped the build, in Docker's words; `details.code` is the exit code of a command that
 * failed.
 */
export async function evaluateDockerfile(input: BuildInput): Promise<ImageRecord> {
  const evaluation = new Evaluation(input)
  for (const warning of input.dockerfile.warnings) await input.output.stderr(`[WARNING]: ${warning}\n`)
  if (input.dockerfile.warnings.length > 0)
    await input.output.stderr('[WARNING]: Empty continuation lines will become errors in a future release.\n')
  return evaluation.run()
}
