/** `docker cp`. Source: docker/cli, cli/command/container/cp.go. */
import { CliError } from '../../../shared/cli-error.ts'
import type { CliContext } from '../../../shared/context.ts'
import { copyFrom } from './copy-from.ts'
import { splitCopyArgument } from './copy-paths.ts'
import { copyTo } from './copy-to.ts'
import type { ContainerFlags } from '../../table/container-flags.ts'

export async function copy(context: CliContext<ContainerFlags['cp']>): Promise<number> {
  const [source, destination] = context.args as [string, string]
  if (source === '') throw new CliError('source can not be empty')
  if (destination === '') throw new CliError('destination can not be empty')
  const from = splitCopyArgument(source)
  const to = splitCopyArgument(destination)
  if (from.container !== '' && to.container !== '')
    throw new CliError('copying between containers is not supported')
  if (from.container === '' && to.container === '')
    throw new CliError('must specify at least one container source')
  if (from.container !== '') await copyFrom(context, from.container, from.path, to.path)
  else await copyTo(context, from.path, to.container, to.path)
  return 0
}
