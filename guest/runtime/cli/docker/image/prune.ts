/** `docker image prune`. */
import { confirm } from '../../shared/confirm.ts'
import type { Pruned } from '../container/prune.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import type { ImageFlags } from '../table/image-flags.ts'

const DANGLING = 'WARNING! This will remove all dangling images.\nAre you sure you want to continue?'
const UNUSED =
  'WARNING! This will remove all images without at least one container associated to them.\nAre you sure you want to continue?'

/** @param all every unused image, not only those without a name */
export async function pruneImages(
  { api }: CliContext,
  all: boolean,
  filters: Record<string, string[]>,
): Promise<Pruned> {
  const query = { filters: formatFilters({ ...filters, dangling: [all ? 'false' : 'true'] }) }
  const { ImagesDeleted, SpaceReclaimed } = await api.json('POST', '/images/prune', {
    query,
  })
  const lines = (ImagesDeleted ?? []).map(({ Deleted, Untagged }) =>
    Untagged === undefined || Untagged === '' ? `deleted: ${Deleted}\n` : `untagged: ${Untagged}\n`,
  )
  return { text: lines.length === 0 ? '' : `Deleted Images:\n${lines.join('')}`, bytes: SpaceReclaimed }
}

export async function prune(context: CliContext<ImageFlags['prune']>): Promise<number> {
  const all = context.flags.bool('all')
  if (!context.flags.bool('force')) await confirm(context, all ? UNUSED : DANGLING)
  const { text, bytes } = await pruneImages(context, all, context.flags.filters())
  await context.session.stdout.write(
    `${text === '' ? '' : `${text}\n`}Total reclaimed space: ${humanSize(bytes)}\n`,
  )
  return 0
}
