/** `docker save`. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { checkOutputFile } from '../../shared/output-path.ts'
import { writeArchive } from '../../shared/write-archive.ts'
import { platformQuery } from '../../shared/platform-query.ts'
import type { ImageFlags } from '../table/image-flags.ts'

export async function save(context: CliContext<ImageFlags['save']>): Promise<number> {
  const { flags, args, api, session } = context
  const output = flags.string('output')
  if (output === '' && session.stdout.isTerminal) {
    throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect')
  }
  const platform = platformQuery(flags.string('platform'))
  if (output !== '') await checkOutputFile(context, output, 'failed to save image')
  const [path, names] =
    args.length === 1 ? [`/images/${encodeURIComponent(args[0]!)}/get`] : ['/images/get', args]
  const { body } = await api.send('GET', path, { query: { names, platform } })
  await writeArchive(context, output, body)
  return 0
}
