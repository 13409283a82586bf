/** Whether a command may write there: docker/cli, cli/command/utils.go, ValidateOutputPath. */
import { posix } from 'node:path'
import { CliError } from './command.ts'
import type { CliContext } from './context.ts'

/** @param path absolute. @throws CliError with `prefix` before its sentence */
export async function checkOutputPath({ files }: CliContext, path: string, prefix = ''): Promise<void> {
  const directory = posix.dirname(posix.normalize(path).replace(/(.)\/$/, '$1'))
  if ((await files.stat(directory, true)) === undefined)
    throw new CliError(`${prefix}invalid output path: directory ${JSON.stringify(directory)} does not exist`)
  if ((await files.stat(path, true))?.kind === 'device')
    throw new CliError(
      `${prefix}invalid output path: ${JSON.stringify(path)} must be a directory or a regular file: got a device`,
    )
}
