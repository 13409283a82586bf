/** `docker save`. */
import { CliError } from '../command.ts'
import type { CliContext } from '../context.ts'
import { writeArchive } from '../write-archive.ts'

export async function save(context: CliContext): Promise<number> {
  const { flags, args, api, session } = context
  const output = flags.string('output')
  if (output === '' && session.stdout.isTerminal) {
    throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect')
  }
  const platforms = flags.list('platform')
  const query = platforms.length === 0 ? {} : { platform: JSON.stringify(platforms) }
  const one = args.length === 1
  const names = args.map((name) => `names=${encodeURIComponent(name)}`).join('&')
  const path = one ? `/images/${encodeURIComponent(args[0]!)}/get` : `/images/get?${names}`
  const { body } = await api.send('GET', path, { query })
  await writeArchive(context, output, body)
  return 0
}
