/** WORKDIR: makes the directory at once. */
import { posix } from 'node:path'
import { EngineError } from '../../../../protocol/errors.ts'
import type { Build, StageState } from '../build-state.ts'
import { commitImage, createStepContainer, probeCache } from './commit-step.ts'
import { nopCommandInOne } from '../run-config.ts'

export async function dispatchWorkdir(build: Build, state: StageState, path: string): Promise<void> {
  if (path === '') throw new EngineError('invalid', 'cannot normalize nothing')
  const directory = posix.resolve('/', state.config.WorkingDir ?? '', path)
  state.config.WorkingDir = directory
  const step = { ...state.config, Cmd: nopCommandInOne(state.config, `WORKDIR ${directory}`) }
  if (await probeCache(build, state, step)) return
  const id = await createStepContainer(build, state, step)
  await build.host.makeDirectory(id, directory)
  await commitImage(build, state, step, await build.host.layerOf(id))
}
