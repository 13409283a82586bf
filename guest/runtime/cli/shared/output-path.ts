/** Checks that a command may write to a path: docker/cli, cli/command/utils.go, ValidateOutputPath. */
import { posix } from 'node:path'
import { CliError } from './cli-error.ts'
import { resolvePath, type CliContext } from './context.ts'

/** @param path as the user wrote it, for messages. @throws CliError with `prefix` before its sentence */
export async function checkOutputPath(context: CliContext, path: string, prefix = ''): Promise<void> {
  const stat = (part: string) => context.files.stat(resolvePath(context, part), true)
  const directory = posix.dirname(posix.normalize(path).replace(/(.)\/$/, '$1'))
  if ((await stat(directory)) === undefined)
    throw new CliError(`${prefix}invalid output path: directory ${JSON.stringify(directory)} does not exist`)
  if ((await stat(path))?.kind === 'device')
    throw new CliError(
      `${prefix}invalid output path: ${JSON.stringify(path)} must be a directory or a regular file: got a device`,
    )
}
