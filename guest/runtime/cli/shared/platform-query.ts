/** `--platform` as the engine's queries take it. */
import { EngineError } from '../../../protocol/errors.ts'
import { encodePlatform, parsePlatform } from '../../../vocabulary/platform.ts'
import { CliError } from './cli-error.ts'

/** Undefined without one. @throws CliError for what is no platform */
export function platformQuery(text: string): string | undefined {
  if (text === '') return undefined
  try {
    return encodePlatform(parsePlatform(text))
  } catch (thrown) {
    throw new CliError(`invalid platform: ${EngineError.from(thrown).message}`)
  }
}
