/** `docker load`. */
import { CliError } from '../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import { readArchive } from '../../shared/write-archive.ts'
import { platformQuery } from '../../shared/platform-query.ts'
import { displayProgress } from './progress.ts'
import type { ImageFlags } from '../table/image-flags.ts'

export async function load(context: CliContext<ImageFlags['load']>): Promise<number> {
  const { flags, api, session } = context
  const input = flags.string('input')
  if (input === '' && session.stdin.isTerminal) {
    throw new CliError('requested load from stdin, but stdin is empty')
  }
  if (input !== '' && !(await context.files.exists(resolvePath(context, input)))) {
    throw new CliError(`open ${input}: no such file or directory`)
  }
  const platform = platformQuery(flags.string('platform'))
  const quiet = flags.bool('quiet') || !session.stdout.isTerminal
  const messages = api.values('POST', '/images/load', {
    query: { quiet: quiet ? 1 : 0, platform },
    bytes: readArchive(context, input),
  })
  await displayProgress(session, messages, session.stdout)
  return 0
}
