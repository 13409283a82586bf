/** `docker rmi`. */
import type { ImageDeleteItem } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { isNotFound } from '../../shared/api-error.ts'
import { messageOf } from '../../shared/for-each.ts'
import type { ImageFlags } from '../table/image-flags.ts'

export const deletedLines = (items: readonly ImageDeleteItem[]): string =>
  items
    .map(({ Deleted, Untagged }) =>
      Deleted === undefined ? `Untagged: ${Untagged}\n` : `Deleted: ${Deleted}\n`,
    )
    .join('')

export async function remove({ flags, args, api, session }: CliContext<ImageFlags['rm']>): Promise<number> {
  const force = flags.bool('force')
  const query = { force: force ? 1 : undefined, noprune: flags.bool('no-prune') ? 1 : undefined }
  const messages: string[] = []
  let onlyMissing = true
  for (const name of args) {
    try {
      const items = await api.json('DELETE', `/images/${encodeURIComponent(name)}`, {
        query,
      })
      await session.stdout.write(deletedLines(items))
    } catch (error) {
      onlyMissing &&= isNotFound(error)
      messages.push(messageOf(error))
    }
  }
  if (messages.length === 0) return 0
  // With `--force` missing images are no failure, unless something else went wrong.
  if (!force || !onlyMissing) throw new CliError(messages.join('\n'))
  await session.stderr.write(`${messages.join('\n')}\n`)
  return 0
}
