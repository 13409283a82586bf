/** Checks that a command may write to a path. */
import { posix } from 'node:path'
import type { CliFileStat } from '../../host/files/cli-file-access.ts'
import { CliError } from './cli-error.ts'
import { resolvePath, type CliContext } from './context.ts'

const statOf = (context: CliContext, path: string, follow: boolean): Promise<CliFileStat | undefined> =>
  context.files.stat(resolvePath(context, path), follow)

/** The directory of a path, as Go's filepath.Dir has it. */
const directoryOf = (path: string): string => posix.dirname(posix.normalize(path).replace(/(.)\/$/, '$1'))

/**
 * Checks a path for `cp`, as docker/cli's ValidateOutputPath does (cli/command/utils.go).
 * @param path as the user wrote it
 * @throws CliError
 */
export async function checkOutputPath(context: CliContext, path: string): Promise<void> {
  const directory = directoryOf(path)
  if ((await statOf(context, directory, true)) === undefined)
    throw new CliError(`invalid output path: directory ${JSON.stringify(directory)} does not exist`)
  if ((await statOf(context, path, true))?.kind.endsWith('device'))
    throw new CliError(
      `invalid output path: ${JSON.stringify(path)} must be a directory or a regular file: got a device`,
    )
}

const NO_FILE = {
  directory: 'a directory',
  link: 'a symbolic link directly',
  'character device': 'a character device file',
  'block device': 'a block device file',
  pipe: 'a named pipe (FIFO)',
  socket: 'a socket',
} as const satisfies Record<Exclude<CliFileStat['kind'], 'file'>, string>

/**
 * Checks a path for a file that is replaced whole, as moby/sys' atomicwriter does (validateDestination).
 * @param path as the user wrote it
 * @param what failed, as the sentence begins
 * @throws CliError
 */
export async function checkOutputFile(context: CliContext, path: string, what: string): Promise<void> {
  const directory = directoryOf(path)
  const found = await statOf(context, directory, true)
  if (found?.kind !== 'directory') {
    const why = found === undefined ? 'no such file or directory' : 'not a directory'
    throw new CliError(`${what}: invalid output path: stat ${directory}: ${why}`)
  }
  const kind = (await statOf(context, path, false))?.kind ?? 'file'
  if (kind !== 'file') throw new CliError(`${what}: cannot write to ${NO_FILE[kind]}`)
}
