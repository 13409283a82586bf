/** `docker export`: a container's files as a tar archive, to a file or to stdout. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath } from '../../shared/for-each.ts'
import { checkOutputFile } from '../../shared/output-path.ts'
import { writeArchive } from '../../shared/write-archive.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

export async function exportContainer(context: CliContext<ContainerFlags['export']>): Promise<number> {
  const { args, flags, api, session } = context
  const output = flags.string('output')
  if (output === '' && session.stdout.isTerminal) {
    throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect')
  }
  if (output !== '') await checkOutputFile(context, output, 'failed to export container')
  const { body } = await api.send('GET', `${containerPath(args[0]!)}/export`)
  await writeArchive(context, output, body)
  return 0
}
