/** Carries out one instruction. */
import type { Build, StageState } from '../build-state.ts'
import { removeStepContainers } from './commit-step.ts'
import { dispatchConfig, dispatchExpose } from './dispatch-config.ts'
import { dispatchCopy } from './dispatch-copy.ts'
import { dispatchRun } from './dispatch-run.ts'
import { dispatchWorkdir } from './dispatch-workdir.ts'
import type { Instruction } from '../dockerfile/instructions.ts'
import { variablesOf } from '../dockerfile/shell-lex.ts'
import type { Variables } from '../dockerfile/substitution.ts'
import { expandInstruction } from './expand-instruction.ts'

function variablesIn({ config, args }: StageState): Variables {
  const env = config.Env ?? []
  return variablesOf([...env, ...args.environment(env)])
}

async function carryOut(
  build: Build,
  state: StageState,
  instruction: Instruction,
  variables: Variables,
): Promise<void> {
  switch (instruction.kind) {
    case 'run':
      return dispatchRun(build, state, instruction)
    case 'copy':
    case 'add':
      return dispatchCopy(build, state, instruction)
    case 'workdir':
      return dispatchWorkdir(build, state, instruction.path)
    case 'expose':
      return dispatchExpose(build, state, instruction, variables)
    default:
      return dispatchConfig(build, state, instruction)
  }
}

/**
 * Carries out an instruction. Containers of a step that failed stay for inspection, unless the build removes them in
 * any case.
 */
export async function dispatch(build: Build, state: StageState, written: Instruction): Promise<void> {
  const { remove, forceRemove } = build.options
  try {
    const variables = variablesIn(state)
    await carryOut(build, state, expandInstruction(written, variables, build.lex), variables)
  } catch (thrown) {
    if (forceRemove || build.signal.aborted) await removeStepContainers(build)
    throw thrown
  }
  if (remove || forceRemove) await removeStepContainers(build)
}
