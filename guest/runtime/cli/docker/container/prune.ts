/** `docker container prune`. */
import { confirm } from '../../shared/confirm.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

const WARNING = 'WARNING! This will remove all stopped containers.\nAre you sure you want to continue?'

export interface Pruned {
  /** The list of what was removed, with a final newline; empty when nothing was. */
  text: string
  bytes: number
}

export async function pruneContainers(
  { api }: CliContext,
  filters: Record<string, string[]>,
): Promise<Pruned> {
  const query = { filters: formatFilters(filters) }
  const { ContainersDeleted, SpaceReclaimed } = await api.json('POST', '/containers/prune', { query })
  const ids = ContainersDeleted ?? []
  return { text: ids.length === 0 ? '' : `Deleted Containers:\n${ids.join('\n')}\n`, bytes: SpaceReclaimed }
}

export async function prune(context: CliContext<ContainerFlags['prune']>): Promise<number> {
  if (!context.flags.bool('force')) await confirm(context, WARNING)
  const { text, bytes } = await pruneContainers(context, context.flags.filters())
  await context.session.stdout.write(
    `${text === '' ? '' : `${text}\n`}Total reclaimed space: ${humanSize(bytes)}\n`,
  )
  return 0
}
