/** Translates `--platform` to the parameter of the engine's queries. */
import { EngineError } from '../../../protocol/errors.ts'
import { encodePlatform, parsePlatform } from '../../../vocabulary/platform.ts'
import { CliError } from './cli-error.ts'

/** Undefined when none is given. @throws CliError for text that is no platform */
export function platformQuery(text: string): string | undefined {
  if (text === '') return undefined
  try {
    return encodePlatform(parsePlatform(text))
  } catch (thrown) {
    throw new CliError(`invalid platform: ${EngineError.from(thrown).message}`)
  }
}
