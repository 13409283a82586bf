/** FROM: the image that a stage begins with, and where `--from` finds files. */
import type { ImageRecord } from '../../../../protocol/api/content.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { BuildArgs } from '../build-args.ts'
import type { Build, StageState } from '../build-state.ts'
import type { Stage } from '../dockerfile/instructions.ts'
import { expandWord } from '../dockerfile/shell-lex.ts'
import { formatPlatform, parsePlatform } from '../../../../vocabulary/platform.ts'
import { baseConfig } from '../run-config.ts'

const SCRATCH = 'scratch'

/** The platform of a stage without a base. */
const MACHINE = { os: 'linux', architecture: '386' }

function platformOf({ options, lex }: Build, stage: Stage, args: BuildArgs): string {
  if (stage.platform === '') return options.platform
  const text = expandWord(stage.platform, args.globals, lex)
  try {
    return formatPlatform(parsePlatform(text))
  } catch (thrown) {
    const error = EngineError.from(thrown)
    throw new EngineError(
      error.code,
      `failed to parse platform ${text}: ${error.message}`,
      error.details,
      error,
    )
  }
}

async function baseOf(build: Build, stage: Stage, args: BuildArgs): Promise<ImageRecord | undefined> {
  const platform = platformOf(build, stage, args)
  const name = expandWord(stage.base, args.globals, build.lex)
  if (name === '')
    throw new EngineError('invalid', `base name (${stage.base}) should not be blank`, { base: stage.base })
  const earlier = build.results.byName(name)
  if (earlier) return earlier.image
  if (name === SCRATCH) return undefined
  return build.host.image(name, { pull: build.options.pull, platform }, build.output)
}

/**
 * Begins a stage with its base image.
 * @param args those before the first FROM
 */
export async function beginStage(build: Build, stage: Stage, args: BuildArgs): Promise<StageState> {
  await build.cache.reset()
  const base = await baseOf(build, stage, args)
  return {
    name: stage.name,
    image: base,
    config: baseConfig(base),
    args: args.forStage(),
    maintainer: base?.config.author ?? '',
    cmdSet: false,
    os: base?.config.os ?? MACHINE.os,
    architecture: base?.config.architecture ?? MACHINE.architecture,
  }
}

/** Finds the image of `--from`: an earlier stage's, by name or number, or any other. */
export async function sourceImage(build: Build, from: string): Promise<ImageRecord | undefined> {
  const { results, host, options, output } = build
  try {
    const stage = results.find(from)
    if (stage) return stage.image
    return await host.image(from, { pull: options.pull, platform: options.platform }, output)
  } catch (thrown) {
    const error = EngineError.from(thrown)
    throw new EngineError(
      error.code,
      `invalid from flag value ${from}: ${error.message}`,
      { ...error.details, from },
      error,
    )
  }
}
