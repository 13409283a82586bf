/** `docker volume rm`. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { messageOf } from '../../shared/for-each.ts'
import type { VolumeFlags } from '../table/volume-flags.ts'

export async function remove({ flags, args, api, session }: CliContext<VolumeFlags['rm']>): Promise<number> {
  const query = { force: flags.bool('force') ? 1 : undefined }
  const messages: string[] = []
  for (const name of args) {
    try {
      await api.run('DELETE', `/volumes/${encodeURIComponent(name)}`, { query })
      await session.stdout.write(`${name}\n`)
    } catch (error) {
      messages.push(messageOf(error))
    }
  }
  if (messages.length > 0) throw new CliError(messages.join('\n'))
  return 0
}
